import Domain
import Testing
import Vocabulary

@Suite struct `The kinds of entities` {
    @Test func `cover every event that is ever stored`() {
        let categories = Set(StoredSample.all.map { String($0.event.stored.type.prefix { $0 != "." }) })
        #expect(categories == Set(EntityKinds.all.map(\.category.name)))
    }

    @Test func `have names and places of their own`() {
        #expect(Set(EntityKinds.all.map(\.name)).count == EntityKinds.all.count)
    }

    @Test func `show a change of the state as a change of a field`() throws {
        try expectEveryChangeIsShown(SpaceDecider.self, EntityKinds.space, [.created(name: "Acme"), .keyIssued(.sample(7)), .keyRevoked(.sample(7))])
        try expectEveryChangeIsShown(TenantDecider.self, EntityKinds.tenant, [.created(space: .acme, name: "Customer", externalID: nil)])
        try expectEveryChangeIsShown(
            KeyringDecider.self, EntityKinds.keyring,
            [.written(name: "A", secret: .sample(5)), .written(name: "A", secret: .sample(6)), .deleted(name: "A")])
        try expectEveryChangeIsShown(
            ConnectionDecider.self, EntityKinds.connection,
            [.created(.sample, secret: .sample(5)), .credentialsRotated(.basic, secret: .sample(6)), .deleted(tenant: .customer, name: "crm")])
        try expectEveryChangeIsShown(
            TriggerDecider.self, EntityKinds.trigger,
            [
                .created(.sample), .updated(.specification(name: "Other")), .updated(.specification(secret: .sample(9))), .disabled, .enabled,
                .updated(.specification(subject: "/customer")),
                .updated(.specification(scheme: "none", secret: nil, routes: [])), .verificationWaived, .deleted,
            ])
        try expectEveryChangeIsShown(
            ReceivedEventDecider.self, EntityKinds.event,
            [.received(.webhook), .routed(.sample, [TakenRoute(workflow: .sample(3), run: .sample(8))])])
        try expectEveryChangeIsShown(PlacementDecider.self, EntityKinds.placement, [.claimed(.sample), .released(.sample)])
        try expectEveryChangeIsShown(
            ErasureDecider.self, EntityKinds.erasure, [.requested(.sample), .completed(subject: .sample(10), destroyedAt: .morning)])
    }

    @Test func `show every change of a workflow`() throws {
        let draft = WorkflowDraft.sample
        var retry = RetryPolicy()
        retry.isEnabled = true
        let drafts = [
            draft.with(\.name, "Other"), draft.with(\.description, "Files"), draft.with(\.tier, .long), draft.with(\.timeoutSeconds, 60),
            draft.with(\.retry, retry), draft.with(\.language, .javascript), draft.with(\.code, "1"),
        ]
        try expectEveryChangeIsShown(
            WorkflowDecider.self, EntityKinds.workflow,
            [.created(draft), .disabled, .enabled] + drafts.map { .updated($0) } + [
                .published(version: 1, draft, .sample("a")), .published(version: 2, draft.with(\.timeoutSeconds, 60), .sample("a")), .disabled,
                .archived(owner: .acme, slug: "new-issue"),
            ])
    }

    @Test func `show every change of a run`() throws {
        try expectEveryChangeIsShown(
            RunDecider.self, EntityKinds.execution,
            [
                .requested(.sample), .began, .callScheduled(.connector), .callCompleted(.connector, .error), .callCompleted(.sample(0), .value),
                .logged([LogLine(level: "info", text: "hello", at: .morning)]), .waits, .started(.sample(2)),
                .started(.sample(2)), .cancelRequested, .parked(.brief), .completed(output: Array("{}".utf8)),
            ])
        try expectEveryChangeIsShown(RunDecider.self, EntityKinds.execution, [.requested(.sample), .timedOut(.brief)])
        try expectEveryChangeIsShown(RunDecider.self, EntityKinds.execution, [.requested(.sample), .cancelled])
    }

    /// Folds the events twice, as a state and as fields.
    private func expectEveryChangeIsShown<D: Decider>(
        _: D.Type, _ kind: EntityKind, _ events: [D.Event]
    ) throws where D.State: Equatable {
        var state = D.initialState
        var fields = kind.begin()
        for (index, event) in events.enumerated() {
            let before = state
            D.apply(event, to: &state)
            let changes = try fields.apply(event.stored, .sample(index + 1))
            #expect((before != state) == !changes.isEmpty, "\(event)")
            #expect((D.subject(of: state) == nil) == (fields.document == nil))
        }
    }
}

@Suite struct `An entity's document` {
    private static func document(_ kind: EntityKind, _ events: [any DomainEvent]) throws -> EntityDocument {
        var fields = kind.begin()
        for (index, event) in events.enumerated() { _ = try fields.apply(event.stored, .sample(index + 1)) }
        return try #require(fields.document)
    }

    @Test func `names the last event that changed each field`() throws {
        let events: [WorkflowEvent] = [
            .created(.sample), .updated(.sample.with(\.description, "Files issues")), .published(version: 1, .sample, .sample("ef56")), .disabled,
        ]
        let document = try Self.document(EntityKinds.workflow, events)
        let versions = Dictionary(document.attributions.map { ($0.pointer, $0.setBy.version.number) }, uniquingKeysWith: { $1 })
        #expect(versions["/name"] == 1 && versions["/description"] == 2 && versions["/revision"] == 2 && versions["/versions/1"] == 3)
        #expect(versions["/status"] == 4 && versions["/enabled"] == 4 && versions["/published"] == 3 && versions["/code"] == 1)
        #expect(document.json["status"] == "disabled" && document.json["versions"] == ["1": "ef56"])
    }

    @Test func `holds no digest of a key and no value of a secret`() throws {
        let space = try Self.document(EntityKinds.space, [SpaceEvent.created(name: "Acme"), SpaceEvent.keyIssued(.sample(7))])
        #expect(!JSONValue.object(space.json).text.contains(IssuedKey.sample(7).digest))
        #expect(space.json["keys"]?["\(APIKeyID.sample(7))"] == ["name": "ci", "kind": "live"])
    }

    @Test func `shows the steps of a run as they went`() throws {
        let run = try Self.document(
            EntityKinds.execution,
            [
                RunEvent.requested(.sample), .began, .callCompleted(.sample(0), .value), .callScheduled(.connector),
                .callCompleted(.connector, .error), .waits,
            ])
        #expect(run.json["status"] == "running" && run.json["waiting"]?["reason"] == "retry" && run.json["attempts"] == 1)
        #expect(run.json["steps"]?["0"]?["output"] == ["n": 1])
        // What failed is dropped for the next attempt, and the collection says by which event.
        #expect(run.field("steps")?.members.map(\.key) == ["0"])
        #expect(run.field("steps")?.setBy.version == StreamVersion(6))
    }

    @Test func `names no members of a collection that is too large`() throws {
        let secrets = (0...Limits.attributedMembers).map { KeyringEvent.written(name: "S\($0)", secret: .sample(5)) }
        #expect(try Self.document(EntityKinds.keyring, secrets.dropLast()).attributions.count == Limits.attributedMembers + 1)
        #expect(try Self.document(EntityKinds.keyring, secrets).attributions.map(\.pointer) == ["/secrets"])
    }

    @Test func `is gone with the entity, and new when the entity begins again`() throws {
        var fields = EntityKinds.trigger.begin()
        _ = try fields.apply(TriggerEvent.created(.sample).stored, .sample(1))
        let changes = try fields.apply(TriggerEvent.deleted.stored, .sample(2))
        #expect(fields.document == nil)
        #expect(Set(changes) == Set(TriggerDecider.fields.map { "/\($0.name)" }))
        _ = try fields.apply(TriggerEvent.created(.sample).stored, .sample(3))
        #expect(fields.document?.attributions.allSatisfy { $0.setBy.version == StreamVersion(3) } == true)
    }
}

extension EventStamp {
    /// The event of that version of some stream.
    static func sample(_ version: Int) -> EventStamp {
        EventStamp(
            id: .sample(UInt8(truncatingIfNeeded: version)), type: "x.happened", version: StreamVersion(Int32(version)),
            position: LogPosition(slice: Slice(of: .acme), position: Int64(version)), recordedAt: .morning + .seconds(Int64(version)),
            principal: .system("test"), correlation: .sample(1), causation: nil, command: .sample(2))
    }
}
