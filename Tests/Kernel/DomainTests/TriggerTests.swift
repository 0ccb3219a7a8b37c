import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A trigger` {
    let absent = DeciderSpec<TriggerDecider>()
    let present = DeciderSpec<TriggerDecider>().given(.created(.sample))
    let deleted = DeciderSpec<TriggerDecider>().given(.created(.sample), .deleted)
    static let unverified = TriggerSpecification.specification(scheme: "none", secret: nil)
    static let commands: [TriggerCommand] = [.create(.sample), .update(.sample, over: .sample), .enable, .disable, .delete]

    @Test func `is created once, listening`() {
        absent.when(.create(.sample)).then(.created(.sample)).thenReserves().thenWork(nil)
        present.when(.create(.sample)).thenRejected(.conflict)
        deleted.when(.create(.sample)).thenRejected(.conflict)
        #expect(present.state == .present(.sample, isEnabled: true))
    }

    @Test(arguments: commands.indices.dropFirst()) func `does nothing before it exists or after it was deleted`(index: Int) {
        absent.when(Self.commands[index]).thenRejected(.notFound)
        deleted.when(Self.commands[index]).thenRejected(.notFound)
    }

    @Test func `is changed when something changed`() {
        let renamed = TriggerSpecification.specification(name: "Issues")
        present.when(.update(renamed, over: .sample)).then(.updated(renamed))
        present.when(.update(.sample, over: renamed)).thenNothing()
        present.when(.update(.specification(name: ""), over: .sample)).thenRejected(at: "/name")
    }

    @Test func `is not changed by who has not seen its last change`() {
        let renamed = TriggerSpecification.specification(name: "Issues")
        let changed = present.given(.updated(renamed))
        changed.when(.update(.specification(name: "Tickets"), over: .sample)).thenRejected(.conflict)
        changed.when(.update(.specification(name: "Tickets"), over: renamed)).then(.updated(.specification(name: "Tickets")))
        changed.when(.update(renamed, over: .sample)).thenNothing()
    }

    @Test func `stays off when it is changed`() {
        let renamed = TriggerSpecification.specification(name: "Issues")
        #expect(present.given(.disabled, .updated(renamed)).state == .present(renamed, isEnabled: false))
    }

    @Test func `is switched off and on and deleted`() {
        present.when(.disable).then(.disabled)
        present.when(.enable).thenNothing()
        present.given(.disabled).when(.enable).then(.enabled)
        present.given(.disabled).when(.disable).thenNothing()
        present.when(.delete).then(.deleted)
        #expect(present.given(.disabled, .enabled).state == .present(.sample, isEnabled: true))
    }

    @Test func `leaves a trace when it takes deliveries without proof`() {
        absent.when(.create(Self.unverified)).then(.created(Self.unverified), .verificationWaived)
        present.when(.update(Self.unverified, over: .sample)).then(.updated(Self.unverified), .verificationWaived)
        let renamed = TriggerSpecification.specification(name: "Open", scheme: "none", secret: nil)
        absent.given(.created(Self.unverified), .verificationWaived).when(.update(renamed, over: Self.unverified)).then(.updated(renamed))
    }

    @Test func `needs a secret unless proof was waived`() {
        absent.when(.create(.specification(secret: nil))).thenRejected(at: "/verification/secret")
    }

    @Test func `has at most fifty routes`() {
        let route = TriggerRoute(workflow: .sample(3), filter: nil)
        let most = TriggerSpecification.specification(routes: Array(repeating: route, count: Limits.routesPerTrigger))
        absent.when(.create(most)).then(.created(most))
        absent.when(.create(.specification(routes: most.routes + [route]))).thenRejected(at: "/routes")
    }

    @Test func `is told which route's filter is wrong`() {
        let routes = [TriggerRoute(workflow: .sample(3), filter: ["body": [:]]), TriggerRoute(workflow: .sample(3), filter: ["cookies": [:]])]
        absent.when(.create(.specification(name: "", routes: routes))).thenRejected(at: "/name", "/routes/1/filter/cookies")
    }

    @Test func `ignores what cannot have happened before it was created`() {
        #expect(absent.given(.enabled, .disabled, .updated(.sample), .verificationWaived).state == .absent)
        #expect(deleted.given(.enabled, .updated(.sample)).state == .deleted)
    }

    @Test func `names its commands for the audit log`() {
        #expect(Self.commands.map(TriggerDecider.action) == ["create", "update", "enable", "disable", "delete"].map { "trigger.\($0)" })
    }
}
