import Domain
import EventSourcing
import SandboxDriver
import Vocabulary

/// Drives one pass of a workflow's code: answers its calls from the journal, then for real, one completion a turn.
///
/// Confined to the task that calls `run()`.
final class RunLoop {
    private let session: SandboxSession
    private let run: Run
    /// Nil when only the journal may answer, as in a replay.
    private let live: LiveCalls?
    private(set) var recorder: JournalRecorder
    private var reader: JournalReader
    private var redactor = SecretRedactor()
    private var arrived: [Delivery] = []
    private var callsInFlight = 0
    private var isCommitScheduled = false
    private var isWaiting = false

    /// What a live pass has that a replay has not.
    struct LiveCalls {
        let host: HostCalls
        /// Instant runs write their journal with the outcome, except before calls that are not idempotent.
        let defersJournal: Bool
        let console: (@Sendable (LogLine) -> Void)?
    }

    /// A completion that is written down and waits for its turn.
    private struct Delivery {
        let call: RunCall
        let result: CallResult
        /// What the code gets; differs from the journal's for secrets.
        let value: [UInt8]
    }

    private enum Step: Sendable {
        case message(SandboxMessage?)
        case completion(RunCall, HostOutcome, startedAt: Timestamp, Duration)
        /// What was learned has waited long enough.
        case commitDue
    }

    init(session: SandboxSession, run: Run, live: LiveCalls?, recorder: JournalRecorder) {
        self.session = session
        self.run = run
        self.live = live
        self.recorder = recorder
        reader = JournalReader(run)
    }

    /// Runs until the code has ended, however it did. Ends early by throwing when the task is cancelled or the log refuses.
    func run(ids: any IDSource, secrets: (SecretID, String) async throws -> String) async throws -> RunEnd {
        try await withThrowingTaskGroup(of: Step.self) { group in
            defer { session.terminate(.cancelled) }
            listen(in: &group)
            while let step = try await group.next() {
                // What ended because this task was cancelled tells nothing of the world and is not written down.
                try Task.checkCancellation()
                var end = try await take(step, in: &group, ids: ids)
                if end == nil, isWaiting { end = try await advance(ids: ids, secrets: secrets) }
                if let end {
                    group.cancelAll()
                    return end
                }
                scheduleCommit(in: &group)
            }
            return .killed
        }
    }

    private func take(_ step: Step, in group: inout ThrowingTaskGroup<Step, any Error>, ids: any IDSource) async throws -> RunEnd? {
        switch step {
        case .message(let message):
            let end = try await handle(message, in: &group, ids: ids)
            if end == nil { listen(in: &group) }
            return end
        case .completion(let call, let outcome, let startedAt, let duration):
            callsInFlight -= 1
            accept(call, outcome, startedAt: startedAt, duration: duration, ids: ids)
            return recorder.journalBytes > Limits.journalBytesPerRun ? .journalIsFull : nil
        case .commitDue:
            isCommitScheduled = false
            try await recorder.commit(ids)
            return nil
        }
    }

    /// Has what waits appended in time, though no call asks for it.
    private func scheduleCommit(in group: inout ThrowingTaskGroup<Step, any Error>) {
        guard let live, !live.defersJournal, !isCommitScheduled, !recorder.isEmpty else { return }
        isCommitScheduled = true
        let interval = live.host.services.configuration.commitInterval
        group.addTask {
            try await Task.sleep(for: interval)
            return .commitDue
        }
    }

    private func listen(in group: inout ThrowingTaskGroup<Step, any Error>) {
        let session = session
        group.addTask { .message(try await session.next()) }
    }

    private func handle(
        _ message: SandboxMessage?, in group: inout ThrowingTaskGroup<Step, any Error>, ids: any IDSource
    ) async throws -> RunEnd? {
        switch message {
        case .call(let call): return try await meet(call, in: &group, ids: ids)
        case .log(let level, let text):
            let line = LogLine(level: level.rawValue, text: redactor.redact(text), at: ids.now())
            if recorder.add(line) { live?.console?(line) }
        case .turnOver: isWaiting = true
        case .completed(let result): return .completed(redactor.redact(result))
        case .failed(let failure):
            return .failed(
                RunFailure(
                    name: redactor.redact(failure.name), message: redactor.redact(failure.message), stack: redactor.redact(failure.stack),
                    location: failure.location?.description))
        case .ended(let end): return RunEnd(end, timeout: run.request.timeout)
        case nil: return .killed
        }
        return nil
    }

    /// A call of the code: known to the journal, or made now.
    private func meet(
        _ made: SandboxCall, in group: inout ThrowingTaskGroup<Step, any Error>, ids: any IDSource
    ) async throws -> RunEnd? {
        // The worker's JSON is untrusted: null is as good as garbage.
        let arguments = (try? JSONValue(parsing: made.argumentsJSON, depth: 512)) ?? .null
        let call = RunCall(made, arguments: arguments, redactor: redactor)
        switch reader.meet(call) {
        case .recorded: return nil
        case .mismatch(let recorded):
            return .diverged(
                RunFailure(
                    name: "nondeterminism",
                    message: "the code made another call than its journal holds; made \(call.summary); recorded \(recorded.summary)"))
        case .live, .scheduled:
            guard let live else {
                return .diverged(RunFailure(name: "nondeterminism", message: "the code made a call that its journal does not hold: \(call.summary)"))
            }
            guard recorder.journalBytes + call.input.utf8.count <= Limits.journalBytesPerRun else { return .journalIsFull }
            if live.host.needsRecord(call), !(run.calls[call.index]?.call.isSame(as: call) ?? false) {
                recorder.add(.callScheduled(call))
                try await recorder.commit(ids)
            }
            start(call, arguments, live.host, in: &group, ids: ids)
            return nil
        }
    }

    private func start(
        _ call: RunCall, _ arguments: JSONValue, _ host: HostCalls, in group: inout ThrowingTaskGroup<Step, any Error>, ids: any IDSource
    ) {
        callsInFlight += 1
        let overlay = recorder.overlay
        group.addTask {
            let startedAt = ids.now()
            let clock = ContinuousClock()
            let begin = clock.now
            let outcome = try await host.make(call, arguments: arguments, overlay: overlay)
            return .completion(call, outcome, startedAt: startedAt, clock.now - begin)
        }
    }

    /// Writes a live completion down; the code learns of it when it waits.
    private func accept(_ call: RunCall, _ outcome: HostOutcome, startedAt: Timestamp, duration: Duration, ids: any IDSource) {
        let stored: CallResult.Outcome
        let value: [UInt8]
        var write: StateWrite?
        switch outcome {
        case .result(.value(let bytes)):
            value = bytes
            stored = .value(redactor.redact(bytes))
        case .result(let other):
            value = []
            stored = other
        case .secret(let name, let id, let text):
            redactor.learn(text, as: "[secret \(name)]")
            value = JSONValue.string(text).encoded
            stored = .secret(name: name, id)
        case .state(let written):
            write = written
            value = Array("null".utf8)
            stored = .value(value)
        }
        let result = CallResult(outcome: stored, startedAt: startedAt, duration: duration, deliveredAt: ids.now())
        recorder.add(.callCompleted(call, result), with: write)
        arrived.append(Delivery(call: call, result: result, value: value))
    }

    /// The code waits: gives it the next completion, and answers how the run ends when there can be none.
    private func advance(ids: any IDSource, secrets: (SecretID, String) async throws -> String) async throws -> RunEnd? {
        switch reader.next() {
        case .deliver(let index, let result):
            recorder.noteReplayed(result)
            deliver(index, result, value: try await replayed(result, secrets: secrets))
        case .missing(let recorded):
            return .diverged(
                RunFailure(name: "nondeterminism", message: "the code did not make a call that its journal holds: \(recorded.summary)"))
        case .live:
            guard let next = arrived.first else {
                if callsInFlight > 0 { return nil }
                return RunEnd(.stalled, timeout: run.request.timeout)
            }
            if let live, !live.defersJournal, arrived.contains(where: { live.host.isCostly($0.call, $0.result) }) { try await recorder.commit(ids) }
            arrived.removeFirst()
            deliver(next.call.index, next.result, value: next.value)
        }
        return nil
    }

    private func deliver(_ index: Int, _ result: CallResult, value: [UInt8]) {
        isWaiting = false
        let now = result.deliveredAt.milliseconds
        if case .error(let failure) = result.outcome {
            session.reject(UInt32(index), name: failure.name, message: failure.message, nowMilliseconds: now)
        } else {
            session.answer(UInt32(index), valueJSON: value, nowMilliseconds: now)
        }
    }

    /// The value behind a recorded result; a secret is opened again, since the journal never holds it.
    private func replayed(_ result: CallResult, secrets: (SecretID, String) async throws -> String) async throws -> [UInt8] {
        switch result.outcome {
        case .value(let bytes): return bytes
        case .error: return []
        case .secret(let name, let id):
            let value = try await secrets(id, name)
            redactor.learn(value, as: "[secret \(name)]")
            return JSONValue.string(value).encoded
        }
    }
}
