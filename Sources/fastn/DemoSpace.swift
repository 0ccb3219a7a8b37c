import CommandLineTool
import Domain
import EventSourcing
import HTTPAPI
import Projections
import Vocabulary

/// Creates what a new installation begins with: a space, one customer, a key, and a published sample workflow.
///
/// Every step looks at the log first, so it may be run at each start and after one that was cut short.
struct DemoSpace: Sendable {
    static let slug = "hello"
    static let code = """
        // Greets whom the input names, and counts the greetings of this customer.
        export default async function (ctx: { input: { name?: string } }) {
          const count: number = ((await fastn.state.get("greetings")) ?? 0) + 1;
          await fastn.state.set("greetings", count);
          console.log(`greeting number ${count}`);
          return { message: `Hello, ${ctx.input.name ?? "world"}!`, count };
        }

        """

    let installation: Installation
    let store: any EventStore
    let ids: any IDSource
    let compiler: any WorkflowCompiling
    let projections: Projections
    let regions: Regions

    func create() async throws {
        let space = installation.space
        var last = try await give(SpaceDecider.self, .create(name: "Demo"), to: space.recast(), of: space)
        let key = IssuedKey(id: installation.keyID, name: "Demo key", kind: .test, digest: installation.keyDigest)
        last = try await give(SpaceDecider.self, .issueKey(key), to: space.recast(), of: space) ?? last
        // A name is unique within one database; both are in the main region's, unless a first start was cut short before a region was added.
        let isTogether = regions.isOne(space, installation.tenant)
        let customer = TenantCommand.create(space: space, name: "Demo customer", externalID: isTogether ? "demo" : nil)
        let made = try await give(TenantDecider.self, customer, to: installation.tenant.recast(), of: installation.tenant)
        last = try await give(WorkflowDecider.self, .create(draft), to: installation.workflow.recast(), of: space) ?? last
        last = try await publish() ?? last
        // The customer's slice is another one; its row is what the first request needs.
        for position in [last, made] { if let position { _ = await projections.wait(for: position, timeout: .seconds(10)) } }
    }

    private var draft: WorkflowDraft {
        WorkflowDraft(
            owner: installation.space, name: "Hello", slug: Self.slug, description: "A sample: greets whom the input names.", tier: .instant,
            timeoutSeconds: 30, retry: RetryPolicy(), language: .typescript, code: Self.code)
    }

    /// Publishes the sample unless somebody has published, changed or archived it.
    private func publish() async throws -> LogPosition? {
        let directory = EntityDirectory<WorkflowDecider>(store: store, ids: ids, trail: nil)
        let address = StreamAddress(tenant: installation.space, stream: installation.workflow.recast(), category: WorkflowDecider.category)
        guard case .present(let workflow) = try await directory.state(at: address), workflow.versions.isEmpty, workflow.revision == 1,
            !workflow.isArchived
        else { return nil }
        let artefact = try await compiler.compile(workflow.draft.code, language: workflow.draft.language)
        return try await directory.send(.publish(revision: 1, artefact: artefact), to: address, envelope).position
    }

    /// Gives a command unless it was done before; answers where its event is.
    private func give<D: Decider>(_: D.Type, _ command: D.Command, to stream: StreamID, of tenant: TenantID) async throws -> LogPosition? {
        let directory = EntityDirectory<D>(store: store, ids: ids, trail: nil)
        let address = StreamAddress(tenant: tenant, stream: stream, category: D.category)
        do { return try await directory.send(command, to: address, envelope).position } catch let refusal as EntityRejection
            where refusal.kind == .conflict
        {
            return nil
        } catch is NameTaken {
            return nil
        }
    }

    private var envelope: CommandEnvelope {
        CommandEnvelope(commandID: ids.next(), principal: .system("installation"), correlation: ids.next(), lane: .p1, isRemembered: false)
    }
}
