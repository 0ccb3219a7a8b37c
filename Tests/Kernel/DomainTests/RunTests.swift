import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A run` {
    let absent = DeciderSpec<RunDecider>()
    let pending = DeciderSpec<RunDecider>().given(.requested(.sample))
    let running = DeciderSpec<RunDecider>().given(.requested(.sample), .began)
    let waiting = DeciderSpec<RunDecider>().given(.requested(.sample), .began, .waits)
    let parked = DeciderSpec<RunDecider>().given(.requested(.sample), .began, .parked(.brief))
    static let ends: [RunEvent] = [.completed(output: Array("1".utf8)), .failed(.sample), .timedOut(.brief), .cancelled]

    @Test func `is asked for once and asks for a worker`() {
        absent.when(.request(.sample)).then(.requested(.sample)).thenWork(.asks(.run, due: nil)).thenReserves()
        pending.when(.request(.sample)).thenRejected(.conflict)
        absent.when(.request(.request(trigger: nil))).then(.requested(.request(trigger: nil)))
    }

    @Test func `does nothing before it exists`() {
        absent.when(.record([.began])).thenRejected(.notFound)
        absent.when(.cancel).thenRejected(.notFound)
        #expect(absent.given(.began, .cancelled).state == .absent)
    }

    @Test func `takes what its executor learned, in order`() {
        let events: [RunEvent] = [
            .began, .callScheduled(.connector), .callCompleted(.connector, .value), .logged([LogLine(level: "log", text: "\0", at: .morning)]),
        ]
        #expect(pending.when(.record(events)).thenWork(nil).events == events)
        running.when(.record([])).thenNothing()
    }

    @Test func `tells its worker when to come again and when to stop`() {
        running.when(.record([.waits])).then(.waits).thenWork(.asks(.run, due: .morning + .seconds(5)))
        running.when(.record([.parked(.brief)])).then(.parked(.brief)).thenWork(.done)
        for end in Self.ends { running.when(.record([end])).then(end).thenWork(.done) }
        running.when(.record([.cancelRequested])).thenWork(nil)
    }

    @Test(arguments: ends) func `ends for good`(end: RunEvent) {
        let ended = running.given(end)
        ended.when(.cancel).thenRejected(.conflict)
        ended.when(.record([.began])).thenRejected(.conflict)
        ended.when(.record([])).thenRejected(.conflict)
        ended.when(.request(.sample)).thenRejected(.conflict)
        for other in Self.ends { ended.when(.record([other])).thenRejected(.conflict) }
        #expect(end.isEnd)
    }

    @Test(arguments: ends) func `records nothing behind its end, in one batch either`(end: RunEvent) {
        for other in Self.ends + [.began, .waits] { running.when(.record([end, other])).thenRejected(.conflict) }
    }

    @Test func `completes a call once`() {
        let completed = RunEvent.callCompleted(.sample(0), .value)
        running.given(completed).when(.record([completed])).thenRejected(.conflict)
        running.when(.record([completed, completed])).thenRejected(.conflict)
        running.given(completed).when(.record([.callCompleted(.sample(1), .value)])).then(.callCompleted(.sample(1), .value))
    }

    @Test func `is not asked for a second time through its journal`() {
        running.when(.record([.requested(.sample)])).thenRejected(.conflict)
    }

    @Test func `makes a failed call again in the next attempt`() {
        let retried = running.given(.callCompleted(.sample(0), .error), .waits, .started(.sample(2)))
        retried.when(.record([.callCompleted(.sample(0), .value)])).then(.callCompleted(.sample(0), .value))
    }

    /// Call 0 failed, call 1 of the same turn did not; in the next attempt the code may make another call 1.
    @Test func `takes another way behind a call that failed`() {
        let other = RunCall.sample(1, input: "{\"key\":\"other\"}")
        let retried = running.given(.callCompleted(.sample(1), .value), .callCompleted(.sample(0), .error), .waits, .started(.sample(2)))
        retried.when(.record([.callCompleted(other, .value)])).then(.callCompleted(other, .value))
        retried.when(.record([.callCompleted(.sample(1), .value)])).thenRejected(.conflict)
        running.given(.callCompleted(.sample(1), .value)).when(.record([.callCompleted(other, .value)])).thenRejected(.conflict)
    }

    @Test func `is cancelled at once when nobody works on it`() {
        for spec in [pending, waiting, parked] { spec.when(.cancel).then(.cancelRequested, .cancelled).thenWork(.done) }
    }

    @Test func `is asked to stop, once, when somebody works on it`() {
        running.when(.cancel).then(.cancelRequested).thenWork(nil)
        running.given(.cancelRequested).when(.cancel).thenNothing()
        running.given(.cancelRequested).when(.record([.cancelled])).then(.cancelled)
        running.given(.cancelRequested).when(.record([Self.ends[0]])).then(Self.ends[0])
    }

    /// The request to stop met an attempt that failed at the same time: nobody is left to follow it.
    @Test func `is cancelled at once when it waits and was asked to stop before`() {
        running.given(.cancelRequested, .waits).when(.cancel).then(.cancelled).thenWork(.done)
        running.given(.cancelRequested, .parked(.brief)).when(.cancel).then(.cancelled).thenWork(.done)
    }

    @Test func `remembers of a duration what the log holds`() {
        let precise = CallResult(outcome: .value([]), startedAt: .morning, duration: .nanoseconds(1_234_567), deliveredAt: .morning)
        // Each given event is held to its stored form.
        _ = running.given(.callCompleted(.sample(0), precise))
        _ = pending.given(.requested(RunRequest.request().with(timeout: .nanoseconds(1_234_567_890))))
    }

    @Test func `names its commands for the audit log`() {
        let commands: [RunCommand] = [.request(.sample), .record([]), .cancel]
        #expect(commands.map(RunDecider.action) == ["execution.request", "execution.record", "execution.cancel"])
    }
}
