import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A workflow` {
    let absent = DeciderSpec<WorkflowDecider>()
    let draft = DeciderSpec<WorkflowDecider>().given(.created(.sample))
    let live = DeciderSpec<WorkflowDecider>().given(.created(.sample), .published(version: 1, .sample, .sample("v1")))
    let archived = DeciderSpec<WorkflowDecider>().given(.created(.sample), .archived(owner: .acme, slug: "new-issue"))
    let slug = Reservation(scope: .acme, kind: "workflow.slug", key: "new-issue")

    static let commands: [WorkflowCommand] = [
        .create(.sample), .update(.sample, over: 1), .publish(revision: 1, artefact: .sample("v1")), .archive, .enable, .disable,
    ]

    @Test func `is created once and claims its slug`() {
        absent.when(.create(.sample)).then(.created(.sample)).thenReserves(slug).thenReleases()
        draft.when(.create(.sample)).thenRejected(.conflict)
        archived.when(.create(.sample)).thenRejected(.conflict)
    }

    @Test(arguments: commands.indices.dropFirst()) func `does nothing before it exists`(index: Int) {
        absent.when(Self.commands[index]).thenRejected(.notFound)
    }

    @Test func `is saved when something changed`() {
        draft.when(.update(.sample.with(\.name, "Issue"), over: 1)).then(.updated(.sample.with(\.name, "Issue"))).thenReserves().thenReleases()
        draft.when(.update(.sample, over: 1)).thenNothing()
        draft.when(.update(.sample.with(\.name, ""), over: 1)).thenRejected(at: "/name")
    }

    @Test func `is not saved over a draft that its author has not seen`() {
        let saved = draft.given(.updated(.sample.with(\.name, "Issue")))
        saved.when(.update(.sample.with(\.name, "Ticket"), over: 1)).thenRejected(.conflict)
        saved.when(.update(.sample.with(\.name, "Ticket"), over: 2)).then(.updated(.sample.with(\.name, "Ticket")))
        saved.when(.update(.sample.with(\.name, "Issue"), over: 1)).thenNothing()
    }

    @Test func `keeps its slug and its owner, by which it is called`() {
        draft.when(.update(.sample.with(\.slug, "other"), over: 1)).thenRejected(at: "/slug")
        draft.when(.update(.sample.with(\.owner, .customer), over: 1)).thenRejected(at: "/owner")
    }

    @Test func `is published from the draft that was compiled`() {
        draft.when(.publish(revision: 1, artefact: .sample("v1"))).then(.published(version: 1, .sample, .sample("v1")))
        draft.when(.publish(revision: 2, artefact: .sample("v1"))).thenRejected(.conflict)
        draft.given(.updated(.sample.with(\.name, "Issue"))).when(.publish(revision: 1, artefact: .sample("v1"))).thenRejected(.conflict)
    }

    @Test func `is not published a second time when nothing changed`() {
        live.when(.publish(revision: 1, artefact: .sample("v1"))).thenNothing()
        live.given(.disabled).when(.publish(revision: 1, artefact: .sample("v1"))).then(.enabled)
    }

    @Test func `gets a new version for new code, and for old code again`() {
        let second = live.given(.published(version: 2, .sample, .sample("v2")))
        live.when(.publish(revision: 1, artefact: .sample("v2"))).then(.published(version: 2, .sample, .sample("v2")))
        second.when(.publish(revision: 1, artefact: .sample("v1"))).then(.published(version: 3, .sample, .sample("v1")))
    }

    /// Runs are pinned to a version with its tier, timeout and retries: saved alone they would never take effect.
    @Test func `gets a new version when the code is the same and its settings are not`() {
        var retry = RetryPolicy()
        retry.isEnabled = true
        for changed in [
            WorkflowDraft.sample.with(\.timeoutSeconds, 60), .sample.with(\.tier, .instant).with(\.timeoutSeconds, 60), .sample.with(\.retry, retry),
        ] {
            live.given(.updated(changed)).when(.publish(revision: 2, artefact: .sample("v1"))).then(.published(version: 2, changed, .sample("v1")))
        }
    }

    @Test func `stays one version when only its name or description changed`() {
        let renamed = WorkflowDraft.sample.with(\.name, "Issue").with(\.description, "Files issues")
        live.given(.updated(renamed)).when(.publish(revision: 2, artefact: .sample("v1"))).thenNothing()
    }

    @Test func `is switched off and on`() {
        draft.when(.disable).then(.disabled)
        draft.when(.enable).thenNothing()
        draft.given(.disabled).when(.enable).then(.enabled)
        draft.given(.disabled).when(.disable).thenNothing()
    }

    @Test func `is archived once and gives its slug back`() {
        live.when(.archive).then(.archived(owner: .acme, slug: "new-issue")).thenReleases(slug).thenReserves()
        archived.when(.archive).thenNothing()
    }

    @Test(arguments: [1, 2, 4, 5]) func `stays as it is once archived`(index: Int) {
        archived.when(Self.commands[index]).thenRejected(.conflict)
    }

    @Test func `is active when it is published, enabled and not archived`() throws {
        func isActive(_ spec: DeciderSpec<WorkflowDecider>) throws -> Bool {
            guard case .present(let workflow) = spec.state else { throw EntityRejection.unknown(WorkflowDecider.category) }
            return workflow.isActive
        }
        #expect(try !isActive(draft))
        #expect(try isActive(live))
        #expect(try !isActive(live.given(.disabled)))
        #expect(try isActive(live.given(.disabled, .published(version: 2, .sample, .sample("v2")))))
        #expect(try !isActive(live.given(.archived(owner: .acme, slug: "new-issue"))))
    }

    @Test func `counts saves and versions`() throws {
        guard case .present(let workflow) = live.given(.updated(.sample.with(\.name, "Issue"))).state else {
            throw EntityRejection.unknown(WorkflowDecider.category)
        }
        #expect(workflow.revision == 2)
        #expect(workflow.currentVersion == 1)
    }

    @Test func `ignores what cannot have happened before it was created`() {
        #expect(absent.given(.enabled, .disabled, .updated(.sample)).state == .absent)
    }

    @Test func `names its commands for the audit log`() {
        #expect(
            Self.commands.map(WorkflowDecider.action) == ["create", "update", "publish", "archive", "enable", "disable"].map { "workflow.\($0)" })
    }
}
