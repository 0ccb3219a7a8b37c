import Domain
import EventSourcing
import PostgresDriver
import Projections
import Testing
import Vocabulary

@Suite struct `What views show of somebody's data` {
    private static let word = "canary"

    @Test func `is replaced when it is erased, as a rebuild would replace it, and nobody else's is`() async throws {
        try await withStage { stage in
            let log = stage.store.log
            let anna = try log.subject("anna", of: stage.customer)
            let key = try #require(try await log.current(anna, of: stage.customer))
            let hers = try await Self.story(stage, under: key)
            let others = try await Self.story(stage, under: nil)
            try await stage.see(others.at)
            #expect(try await Self.rows(with: Self.word, stage) == ["execution_logs", "execution_steps", "executions", "received_events"])

            try await Self.erase(key, anna, stage)

            let detail = try #require(try await stage.projections.reads.execution(hers.run, .tenant(stage.customer))).json
            #expect(!detail.text.contains(Self.word) && detail["error"]?["message"] == "erased", "\(detail.text)")
            #expect(detail["steps"]?.array?.map { $0["output"] } == [["erased": true], ["secret": "token"], JSONValue.null], "\(detail.text)")
            let event = try #require(try await stage.projections.reads.event(hers.event, .tenant(stage.customer))).json
            #expect(!event.text.contains(Self.word) && event["type"] == "erased" && event["query"] == "erased=true", "\(event.text)")
            let other = try #require(try await stage.projections.reads.execution(others.run, .tenant(stage.customer))).json
            #expect(other["error"]?["message"]?.string == Self.word, "\(other.text)")
            let live = try await stage.dump()
            for name in ProjectionName.allCases { try await stage.projections.rebuild(name) }
            #expect(try await stage.difference(from: live).isEmpty)
        }
    }

    @Test func `is gone with the tenant, whosever it was`() async throws {
        try await withStage { stage in
            let log = stage.store.log
            let key = try #require(try await log.current(try log.subject("anna", of: stage.customer), of: stage.customer))
            _ = try await Self.story(stage, under: key)
            _ = try await Self.story(stage, under: nil)
            try await stage.see(try await Self.story(stage, under: nil, of: stage.stranger).at)
            try await Self.erase(try #require(try await log.current(nil, of: stage.customer)), nil, stage)
            let sql = "select distinct tenant_id from executions where error::text like '%' || $1 || '%'"
            let whose = try await stage.system.query(sql, [.text(Self.hex)])
            #expect(try whose.map { try $0.uuid(0) } == [stage.stranger.bits])
            let live = try await stage.dump()
            for name in ProjectionName.allCases { try await stage.projections.rebuild(name) }
            #expect(try await stage.difference(from: live).isEmpty)
        }
    }

    @Test func `names in the audit log who asked for its erasure and why`() async throws {
        try await withStage { stage in
            let log = stage.store.log
            let anna = try log.subject("anna", of: stage.customer)
            try await Self.erase(try #require(try await log.current(anna, of: stage.customer)), anna, stage)
            let entries = try await stage.projections.reads.auditLog(.tenant(stage.customer), page: PageRequest()).rows.map(\.json)
            #expect(entries.map { $0["action"] } == ["erasure.complete", "erasure.request"])
            #expect(entries.last?["reason"] == "asked for it" && entries.last?["actor"]?["id"] == "ada", "\(entries)")
        }
    }

    private static var hex: String { word.utf8.map { String($0, radix: 16) }.joined() }

    /// An event and a run that carry the word wherever a payload can carry one.
    private static func story(
        _ stage: Stage, under key: DataKeyID?, of tenant: TenantID? = nil
    ) async throws -> (event: EventID, run: RunID, at: LogPosition) {
        let (event, run): (EventID, RunID) = (stage.clock.next(), stage.clock.next())
        let received = ReceivedEvent(
            kind: .webhook, space: stage.space, trigger: TriggerID(bits: 7), environment: .production, headers: [(name: "x-word", value: word)],
            query: "q=\(word)", body: Array("\"\(word)\"".utf8), dataKey: key)
        try await stage.give(ReceivedEventDecider.self, .receive(received), to: event, of: tenant)
        let normalized = NormalizedEvent(source: "webhook", type: word, idempotencyKey: word)
        let route = TakenRoute(workflow: WorkflowID(bits: 1), run: run)
        try await stage.give(ReceivedEventDecider.self, .route(normalized, [route]), to: event, of: tenant)
        try await stage.give(RunDecider.self, .request(stage.request(event: event, dataKey: key)), to: run, of: tenant)
        let failure = RunFailure(name: word, message: word, stack: word, location: word)
        let call = RunCall(index: 2, operation: "connector", connector: "http", action: "post", input: "\"\(word)\"")
        let secret = RunCall(index: 1, operation: "secrets.get", input: "{\"name\":\"\(word)\"}")
        let now = stage.clock.now()
        let named = CallResult(outcome: .secret(name: "token", SecretID(bits: 3)), startedAt: now, duration: .zero, deliveredAt: now)
        let journal: [RunEvent] = [
            stage.attempt(1), stage.call(0, .value(Array("\"\(word)\"".utf8))), .callCompleted(secret, named), .callScheduled(call),
            .logged([LogLine(level: "log", text: word, at: stage.clock.now())]), .failed(failure),
        ]
        return (event, run, try await stage.give(RunDecider.self, .record(journal), to: run, of: tenant))
    }

    private static func erase(_ key: DataKeyID, _ subject: DataSubjectID?, _ stage: Stage) async throws {
        try await stage.give(ErasureDecider.self, .request(ErasureRequest(subject: subject, reason: "asked for it")), to: key)
        let destroyed = try #require(try await stage.store.log.destroy(key, of: stage.customer)?.destroyedAt)
        stage.projections.forgetAll()
        try await stage.see(try await stage.give(ErasureDecider.self, .complete(destroyedAt: destroyed), to: key))
    }

    /// The views' tables that hold the word, as text or as bytes.
    private static func rows(with word: String, _ stage: Stage) async throws -> [String] {
        var found: [String] = []
        for table in ["execution_logs", "execution_steps", "executions", "received_events"] {
            let sql = "select from \(table) t where t::text like '%' || $1 || '%' or t::text like '%' || $2 || '%' limit 1"
            if try await !stage.system.query(sql, [.text(word), .text(hex)]).isEmpty { found.append(table) }
        }
        return found
    }
}
