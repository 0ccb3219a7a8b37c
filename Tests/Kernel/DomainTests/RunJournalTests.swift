import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A run's journal` {
    static func run(_ events: RunEvent...) throws -> Run {
        let spec = DeciderSpec<RunDecider>().given(.requested(.sample)).given(events)
        guard case .present(let run) = spec.state else { throw EntityRejection.unknown(RunDecider.category) }
        return run
    }

    static func completed(_ index: Int, _ result: CallResult = .value) -> RunEvent { .callCompleted(.sample(index), result) }

    @Test func `begins empty`() throws {
        let run = try Self.run()
        #expect(run.status == .pending && !run.isWaiting && run.attempts.isEmpty && run.calls.isEmpty && run.deliveries.isEmpty)
        #expect(run.request == .sample)
    }

    @Test func `keeps the order in which the code learned of outcomes`() throws {
        let run = try Self.run(.began, Self.completed(2), Self.completed(0), Self.completed(1))
        #expect(run.status == .running)
        #expect(run.deliveries == [2, 0, 1])
        #expect(run.calls.keys.sorted() == [0, 1, 2])
    }

    @Test func `knows a call that was perhaps made`() throws {
        let scheduled = try Self.run(.began, .callScheduled(.connector))
        #expect(scheduled.calls[1]?.call == .connector && scheduled.calls[1]?.result == nil && scheduled.deliveries.isEmpty)
        let done = try Self.run(.began, .callScheduled(.connector), .callCompleted(.connector, .value))
        #expect(done.calls[1]?.result == .value && done.deliveries == [1])
    }

    @Test func `counts the bytes of arguments and results`() throws {
        let secret = CallResult.sample(.secret(name: "S", .sample(5)))
        let run = try Self.run(.began, Self.completed(0), Self.completed(1), Self.completed(2, .error), Self.completed(3, secret))
        #expect(run.journalBytes == 4 * 11 + 2 * 7)
    }

    @Test func `drops failed calls for the next attempt and keeps the others`() throws {
        let run = try Self.run(
            .began, Self.completed(0), Self.completed(2, .error), Self.completed(1), Self.completed(3), Self.completed(4, .error), .waits)
        #expect(run.calls.keys.sorted() == [0, 1, 3])
        #expect(run.deliveries == [0, 1, 3])
        #expect(run.divergesFrom == 2)
        #expect(run.failure == .sample && run.isWaiting && run.status == .running)
    }

    @Test func `remembers the earliest failure of all attempts`() throws {
        let run = try Self.run(
            .began, Self.completed(0), Self.completed(3, .error), .waits, .started(.sample(2)), Self.completed(3), Self.completed(1, .error), .waits,
            .started(.sample(3)), Self.completed(1), Self.completed(5, .error), .waits)
        #expect(run.divergesFrom == 1)
        #expect(run.attempts.map(\.number) == [1, 2, 3])
    }

    @Test func `does not diverge without a failed call`() throws {
        #expect(try Self.run(.began, Self.completed(0), .waits).divergesFrom == nil)
    }

    @Test func `replaces the outcome of a way not taken, and delivers it once`() throws {
        let other = RunCall.sample(1, input: "{}")
        let before: [RunEvent] = [
            .requested(.sample), .began, Self.completed(1), Self.completed(0, .error), .waits, .started(.sample(2)), Self.completed(0),
        ]
        func journal(_ events: RunEvent...) throws -> Run {
            guard case .present(let run) = (before + events).reduce(RunState.absent, RunDecider.evolve) else {
                throw EntityRejection.unknown(RunDecider.category)
            }
            return run
        }
        #expect(try journal().deliveries == [1, 0])
        #expect(try journal(.callCompleted(other, .value)).deliveries == [0, 1])
        #expect(try journal(.callCompleted(other, .value)).calls[1]?.call == other)
        #expect(try journal(.callScheduled(other)).deliveries == [0])
        #expect(try journal(.callScheduled(other), .callCompleted(other, .value)).deliveries == [0, 1])
    }

    @Test func `waits until the next attempt begins`() throws {
        #expect(try Self.run(.began, .waits).waiting == .retry(due: .morning + .seconds(5)))
        #expect(try Self.run(.began, .parked(.brief)).waiting == .attention)
        #expect(try !Self.run(.began, .waits, .started(.sample(2))).isWaiting)
    }

    @Test func `counts the console lines of the attempt under way`() throws {
        let lines = RunEvent.logged([LogLine(level: "log", text: "a", at: .morning), LogLine(level: "log", text: "b", at: .morning)])
        #expect(try Self.run(.began, lines, lines).loggedLines == 4)
        #expect(try Self.run(.began, lines, .waits, .started(.sample(2)), lines).loggedLines == 2)
    }

    @Test func `counts how often an attempt began without getting any further`() throws {
        #expect(try Self.run(.began, .began).startsWithoutProgress == 2)
        #expect(try Self.run(.began, .began, Self.completed(0), .began).startsWithoutProgress == 1)
        #expect(try Self.run(.began, .began, .waits, .started(.sample(2))).startsWithoutProgress == 1)
    }

    @Test func `counts the time in which somebody worked on the attempt`() throws {
        func began(_ number: Int, after delay: Duration) -> RunEvent {
            .started(RunAttempt(number: number, seed: 1, at: .morning + delay, engine: "test"))
        }
        func logged(after delay: Duration) -> RunEvent { .logged([LogLine(level: "log", text: "a", at: .morning + delay)]) }
        let takenUp = try Self.run(began(1, after: .zero), logged(after: .seconds(3)), began(1, after: .seconds(100)), logged(after: .seconds(104)))
        #expect(takenUp.timeWorked == .seconds(7))
        #expect(try Self.run(.began, Self.completed(0)).timeWorked == .milliseconds(2))
        let next = try Self.run(began(1, after: .zero), logged(after: .seconds(3)), .waits, began(2, after: .seconds(9)), logged(after: .seconds(10)))
        #expect(next.timeWorked == .seconds(1))
    }

    @Test func `shows how the run ended`() throws {
        let completed = try Self.run(.began, .waits, .started(.sample(2)), .completed(output: [0x31]))
        #expect(completed.status == .completed && completed.output == [0x31] && completed.failure == nil && !completed.isWaiting)
        let failed = try Self.run(.began, .failed(.sample))
        #expect(failed.status == .failed && failed.failure == .sample)
        let late = try Self.run(.began, .timedOut(.brief))
        #expect(late.status == .timedOut && late.failure == .brief)
        let cancelled = try Self.run(.began, .waits, .cancelRequested, .cancelled)
        #expect(cancelled.status == .cancelled && cancelled.failure == nil && cancelled.isCancelRequested && !cancelled.isWaiting)
        #expect(RunStatus.allCases.filter(\.isEnd) == [.completed, .failed, .cancelled, .timedOut])
    }
}
