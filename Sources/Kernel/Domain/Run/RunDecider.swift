package import Vocabulary

/// Decides what may happen to a run.
package enum RunDecider: Decider {
    package static let category = Category("run")
    package static let initialState = RunState.absent

    package static func decide(_ command: RunCommand, _ state: RunState, now: Timestamp) throws(EntityRejection) -> [RunEvent] {
        switch (command, state) {
        case (.request(let request), .absent): return [.requested(request)]
        case (.request, .present): throw .exists(category)
        case (_, .absent): throw .unknown(category)
        case (.record(let events), .present(let run)): return try record(events, run)
        case (.cancel, .present(let run)):
            if run.status.isEnd { throw .notNow("the execution has ended with status \(run.status.rawValue)") }
            let asks: [RunEvent] = run.isCancelRequested ? [] : [.cancelRequested]
            // Nobody works on a run that waits, so nobody else would end it.
            return run.status == .pending || run.isWaiting ? asks + [.cancelled] : asks
        }
    }

    /// An executor may have lost its run to another one, or to a cancellation, while it worked.
    private static func record(_ events: [RunEvent], _ run: Run) throws(EntityRejection) -> [RunEvent] {
        guard !run.status.isEnd else { throw .notNow("the execution has ended with status \(run.status.rawValue)") }
        var hasEnded = false
        var completed: Set<Int> = []
        for event in events {
            if hasEnded { throw .notNow("nothing follows the end of an execution") }
            hasEnded = event.isEnd
            if case .requested = event { throw .exists(category) }
            guard case .callCompleted(let call, _) = event else { continue }
            if !completed.insert(call.index).inserted || run.hasOutcome(of: call) { throw .notNow("call \(call.index) is in the journal already") }
        }
        return events
    }

    /// Takes the state away from its caller, so that a long journal is changed in place and not copied with every event.
    package static func evolve(_ state: consuming RunState, _ event: RunEvent) -> RunState {
        if case .requested(let request) = event { return .present(Run(request: request)) }
        switch consume state {
        case .absent: return .absent
        case .present(var run):
            run.apply(event)
            return .present(run)
        }
    }

    package static func dataKey(of state: RunState) -> DataKeyID? {
        if case .present(let run) = state { run.request.dataKey } else { nil }
    }

    package static func action(of command: RunCommand) -> String {
        switch command {
        case .request: "execution.request"
        case .record: "execution.record"
        case .cancel: "execution.cancel"
        }
    }

    package static func work(of event: RunEvent) -> WorkChange? {
        switch event {
        case .requested: .asks(.run, due: nil)
        case .retryScheduled(_, let due, _): .asks(.run, due: due)
        case .completed, .failed, .timedOut, .cancelled, .parked: .done
        case .started, .callScheduled, .callCompleted, .logged, .cancelRequested: nil
        }
    }
}

extension Run {
    /// Whether the run waits for another attempt or for a person, so that no executor has it.
    package var isWaiting: Bool { waiting != nil }

    /// Whether the journal answers the call. Behind a call that failed in an earlier attempt the code may take another way and
    /// make other calls under the same indexes; their outcomes replace those of the way not taken.
    fileprivate func hasOutcome(of call: RunCall) -> Bool {
        guard let entry = calls[call.index], let result = entry.result, !result.isError else { return false }
        return entry.call == call || call.index < divergesFrom ?? Int.max
    }

    fileprivate mutating func apply(_ event: RunEvent) {
        switch event {
        case .requested: break
        case .logged(let lines):
            loggedLines += lines.count
            if let last = lines.last { see(last.at) }
        case .started(let attempt): start(attempt)
        case .callScheduled(let call):
            deliveries.removeAll { $0 == call.index }
            calls[call.index] = JournalEntry(call: call, result: nil)
            journalBytes += event.journalBytes
        case .callCompleted(let call, let result):
            complete(call, result)
            journalBytes += event.journalBytes
        case .retryScheduled(_, let due, let failure):
            waiting = .retry(due: due)
            self.failure = failure
            loggedLines = 0
            dropFailedCalls()
        case .cancelRequested: isCancelRequested = true
        case .completed(let output):
            self.output = output
            end(.completed, nil)
        case .failed(let failure): end(.failed, failure)
        case .timedOut(let failure): end(.timedOut, failure)
        case .cancelled: end(.cancelled, nil)
        case .parked(let failure):
            waiting = .attention
            self.failure = failure
        }
    }

    private mutating func end(_ status: RunStatus, _ failure: RunFailure?) {
        self.status = status
        self.failure = failure
        waiting = nil
    }

    private mutating func start(_ attempt: RunAttempt) {
        if attempt.number != attempts.last?.number {
            startsWithoutProgress = 0
            timeWorked = .zero
        }
        startsWithoutProgress += 1
        status = .running
        waiting = nil
        lastSeen = attempt.at
        attempts.append(attempt)
    }

    private mutating func see(_ time: Timestamp) {
        guard time > lastSeen else { return }
        timeWorked += time - lastSeen
        lastSeen = time
    }

    private mutating func complete(_ call: RunCall, _ result: CallResult) {
        if calls.updateValue(JournalEntry(call: call, result: result), forKey: call.index)?.result != nil {
            deliveries.removeAll { $0 == call.index }
        }
        deliveries.append(call.index)
        startsWithoutProgress = 0
        see(result.deliveredAt)
    }

    /// In the next attempt completed calls are answered from the journal; a failed one and what follows run live.
    private mutating func dropFailedCalls() {
        for (index, entry) in calls where entry.result?.isError ?? false {
            calls[index] = nil
            divergesFrom = min(divergesFrom ?? index, index)
        }
        deliveries.removeAll { calls[$0] == nil }
    }
}
