import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `An erasure` {
    @Test func `is asked for once, and completed once`() throws {
        #expect(try Self.decide(.request(.sample), []) == [.requested(.sample)])
        #expect(try Self.decide(.request(.ofTenant), [.requested(.sample)]) == [])
        let completed = ErasureEvent.completed(subject: .sample(10), destroyedAt: .morning)
        #expect(try Self.decide(.complete(destroyedAt: .morning), [.requested(.sample)]) == [completed])
        #expect(try Self.decide(.complete(destroyedAt: .morning + .seconds(1)), [.requested(.sample), completed]) == [])
        #expect(try Self.decide(.request(.sample), [.requested(.sample), completed]) == [])
    }

    @Test func `says why, and is not completed before it is asked for`() {
        #expect(throws: EntityRejection.self) { try Self.decide(.request(ErasureRequest(subject: nil, reason: "")), []) }
        #expect(throws: EntityRejection.self) {
            try Self.decide(.request(ErasureRequest(subject: nil, reason: String(repeating: "x", count: Limits.descriptionLength + 1))), [])
        }
        #expect(throws: EntityRejection.unknown(ErasureDecider.category)) { try Self.decide(.complete(destroyedAt: .morning), []) }
    }

    private static func decide(_ command: ErasureCommand, _ past: [ErasureEvent]) throws -> [ErasureEvent] {
        let state = past.reduce(ErasureDecider.initialState) { ErasureDecider.evolve($0, $1) }
        return try ErasureDecider.decide(command, state, now: .morning)
    }
}

/// What the words of each sample are: those that somebody may have sent or a workflow may have made.
@Suite struct `The erased form of an event` {
    @Test(arguments: StoredSample.all) func `is read as an event of its type`(sample: StoredSample) throws {
        let form = sample.event.stored
        #expect(try sample.restore(form.erased).stored.type == form.type)
        #expect(form.erased.isErased == (form.stubs != nil))
        #expect(form.erased.erased == form.erased)
    }

    @Test(arguments: [
        "opened", "x-github-event", "a=1&b=2", "anna", "issues.opened", "ab12", "api.example.com", "x is not a function", "workflow.ts",
        "hello", "\"ok\"", "longer than", "\"n\"",
    ])
    func `holds no word of what was sent, called, answered, logged or failed`(word: String) throws {
        let carriers = StoredSample.all.map(\.event.stored).filter { $0.type.hasPrefix("run.") || $0.type.hasPrefix("event.") }
        func text(_ form: StoredForm) -> String { form.head.text + String(decoding: form.attachment ?? [], as: UTF8.self) }
        #expect(carriers.contains { text($0).contains(word) })
        #expect(!carriers.contains { text($0.erased).contains(word) })
    }

    @Test func `is folded into the same course of a run, without what it worked on`() throws {
        let events: [RunEvent] = [
            .requested(.sample), .began, .callCompleted(.sample(0), .value), .callScheduled(.connector), .callCompleted(.connector, .error),
            .logged([LogLine(level: "info", text: "hello", at: .morning)]), .waits, .started(.sample(2)), .failed(.sample),
        ]
        let state = try events.reduce(RunDecider.initialState) { RunDecider.evolve($0, try RunEvent.restore($1.stored.erased)) }
        let whole = events.reduce(RunDecider.initialState) { RunDecider.evolve($0, $1) }
        guard case .present(let run) = state, case .present(let other) = whole else {
            Issue.record("there is no run")
            return
        }
        #expect(run.status == other.status && run.attempts == other.attempts && run.deliveries == other.deliveries)
        #expect(run.calls.keys == other.calls.keys && run.loggedLines == other.loggedLines && run.timeWorked == other.timeWorked)
        #expect(run.failure == .erased && run.calls[0]?.result?.outcome == .value(Erased.document))
    }
}
