import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `The catalog view` {
    @Test func `a published workflow is what a run is pinned to until the next version`() async throws {
        try await withStage { stage in
            let (id, published) = try await stage.publish("sync")
            try await stage.see(published)
            let first = try #require(try await stage.projections.catalog.workflow(id))
            #expect(first.isActive && first.version == 1 && first.artefact == "h1" && first.timeoutSeconds == 30)

            var draft = stage.draft("sync")
            draft.timeoutSeconds = 7
            try await stage.see(try await stage.give(WorkflowDecider.self, .update(draft, over: 1), to: id), .catalog)
            #expect(try await stage.projections.catalog.workflow(id)?.timeoutSeconds == 30, "a saved draft changes no run")

            let next = WorkflowArtefact(hash: "h2", script: "s\u{0}2", sourceMap: "m2")
            try await stage.see(try await stage.give(WorkflowDecider.self, .publish(revision: 2, artefact: next), to: id), .catalog)
            let second = try #require(try await stage.projections.catalog.workflow(id))
            #expect(second.version == 2 && second.artefact == "h2" && second.timeoutSeconds == 7)
            #expect(try await stage.projections.catalog.artefact("h2") == CatalogArtefact(artefact: next, language: .typescript))
        }
    }

    @Test func `a workflow's status follows its life`() async throws {
        try await withStage { stage in
            let id: WorkflowID = stage.clock.next()
            let life: [WorkflowCommand] = [
                .create(stage.draft("sync")), .publish(revision: 1, artefact: Stage.artefact), .disable, .enable, .archive,
            ]
            var statuses: [WorkflowStatus?] = []
            for command in life {
                try await stage.see(try await stage.give(WorkflowDecider.self, command, to: id), .catalog)
                statuses.append(try await stage.projections.reads.workflow(id, .tenant(stage.customer))?.workflow.status)
            }
            #expect(statuses == [.draft, .active, .disabled, .active, .archived])
            #expect(try await stage.projections.catalog.workflow(slug: "sync", tenant: stage.customer, space: stage.space) == nil)
        }
    }

    @Test func `a customer's own name comes before its space's`() async throws {
        try await withStage { stage in
            let catalog = stage.projections.catalog
            let (shared, _) = try await stage.publish("sync", owner: stage.space)
            let keyring: StreamID = stage.space.keyring
            try await stage.see(
                try await stage.give(KeyringDecider.self, .write(name: "token", secret: SecretID(bits: 1)), to: keyring, of: stage.space), .catalog)
            #expect(try await catalog.workflow(slug: "sync", tenant: stage.customer, space: stage.space)?.id == shared)
            #expect(try await catalog.secret(name: "token", tenant: stage.customer, space: stage.space)?.owner == stage.space)

            let (own, _) = try await stage.publish("sync")
            try await stage.see(
                try await stage.give(KeyringDecider.self, .write(name: "token", secret: SecretID(bits: 2)), to: stage.customer.keyring), .catalog)
            #expect(try await catalog.workflow(slug: "sync", tenant: stage.customer, space: stage.space)?.id == own)
            #expect(try await catalog.secret(name: "token", tenant: stage.customer, space: stage.space)?.id == SecretID(bits: 2))
        }
    }

    @Test func `a revoked key opens nothing although it was looked up before`() async throws {
        try await withStage { stage in
            let key = IssuedKey(id: APIKeyID(bits: 9), name: "ci", kind: .test, digest: "d9")
            try await stage.give(SpaceDecider.self, .create(name: "Demo"), to: stage.space, of: stage.space)
            try await stage.see(try await stage.give(SpaceDecider.self, .issueKey(key), to: stage.space, of: stage.space), .catalog)
            let known = try #require(try await stage.projections.catalog.apiKey(digest: "d9"))
            #expect(known.id == key.id && known.space == stage.space && known.kind == .test && known.name == "ci")

            try await stage.see(try await stage.give(SpaceDecider.self, .revokeKey(key.id), to: stage.space, of: stage.space), .catalog)
            #expect(try await stage.projections.catalog.apiKey(digest: "d9") == nil)
        }
    }

    @Test func `no lookup is older than what was waited for, however many look at the same time`() async throws {
        try await withStage { stage in
            let id: TriggerID = stage.clock.next()
            func specification(_ name: String) -> TriggerSpecification {
                TriggerSpecification(space: stage.space, name: name, environment: .production, scheme: "none", secret: nil, routes: [])
            }
            try await stage.see(try await stage.give(TriggerDecider.self, .create(specification("0")), to: id), .catalog)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try await stage.projections.catalog.trigger(id)
                            // What is answered from memory does not give way by itself.
                            await Task.yield()
                        }
                    }
                }
                for number in 1...40 {
                    let change = TriggerCommand.update(specification("\(number)"), over: specification("\(number - 1)"))
                    try await stage.see(try await stage.give(TriggerDecider.self, change, to: id), .catalog)
                    #expect(try await stage.projections.catalog.trigger(id)?.specification.name == "\(number)")
                }
                group.cancelAll()
            }
        }
    }

    @Test func `a connection is found by name with its newest credentials until it is deleted`() async throws {
        try await withStage { stage in
            let id: ConnectionID = stage.clock.next()
            let profile = ConnectionProfile(
                tenant: stage.customer, name: "crm", connector: "http", auth: .bearer, allowedHosts: ["api.example.com"])
            try await stage.give(ConnectionDecider.self, .create(profile, secret: SecretID(bits: 1)), to: id)
            try await stage.see(try await stage.give(ConnectionDecider.self, .rotate(.basic, secret: SecretID(bits: 2)), to: id), .catalog)
            let found = try await stage.projections.catalog.connection(name: "crm", tenant: stage.customer, space: stage.space)
            #expect(found?.secret == SecretID(bits: 2) && found?.profile.auth == .basic && found?.profile.allowedHosts == ["api.example.com"])

            try await stage.see(try await stage.give(ConnectionDecider.self, .delete, to: id), .catalog)
            #expect(try await stage.projections.catalog.connection(name: "crm", tenant: stage.customer, space: stage.space) == nil)
        }
    }

    @Test func `what a customer has belongs to its space even when the log says so later`() async throws {
        try await withStage { stage in
            let (id, published) = try await stage.publish("sync")
            try await stage.see(published)
            #expect(try await stage.projections.reads.workflow(id, .space(stage.space)) == nil)
            try await stage.see(try await stage.makeCustomer())
            #expect(try await stage.projections.catalog.space(of: stage.customer) == stage.space)
            #expect(try await stage.projections.reads.workflow(id, .space(stage.space))?.versions.count == 1)
            let audit = try await stage.projections.reads.auditLog(.space(stage.space), page: PageRequest())
            #expect(audit.rows.map(\.action) == ["tenant.create", "workflow.publish", "workflow.create"])
        }
    }
}
