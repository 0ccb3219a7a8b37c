package import Domain
package import EventSourcing
package import SandboxDriver
package import Vocabulary

/// Executes runs: takes a run up where its journal ends, drives its code in a sandbox and writes down how it went.
package final class RunExecutor: WorkHandler {
    private let services: RunServices
    private let sandbox: SandboxPool
    private let console: (@Sendable (RunID, LogLine) -> Void)?
    private let active = ActiveRuns()

    /// `console`, when given, sees every line that a workflow writes, as it is written.
    package init(services: RunServices, sandbox: SandboxPool, console: (@Sendable (RunID, LogLine) -> Void)? = nil) {
        self.services = services
        self.sandbox = sandbox
        self.console = console
    }

    package func perform(_ job: Job) async throws {
        _ = try await execute(job.stream.recast(), tenant: job.tenant, lane: job.lane)
    }

    /// Executes a run, after whoever does in this process, and answers how it stands then.
    ///
    /// Throws what keeps the run from being executed now; its job stays and it is taken up again.
    package func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run? {
        let address = StreamAddress.monthly(RunDecider.self, id, in: tenant)
        // Whoever was first may have failed, and then its failure is not the answer to this caller.
        while !active.begin(address.stream) { await active.join(address.stream) }
        do {
            defer { active.end(address.stream) }
            try await drive(id, address, lane)
        }
        guard case .present(let run) = try await services.runs.state(at: address) else { return nil }
        if run.status.isEnd { services.runs.forget(address) }
        return run
    }

    /// Asks that a run stop: at once when it waits, else by stopping its sandbox.
    package func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState> {
        let reply = try await services.runs.send(.cancel, to: StreamAddress.monthly(RunDecider.self, id, in: tenant), envelope)
        stop(id)
        return reply
    }

    /// Stops the sandbox of a run whose cancellation is in the log, if this process executes it.
    package func stop(_ id: RunID) { active.cancel(id.recast()) }

    /// How many runs this process executes now.
    package var activeCount: Int { active.count }

    /// How many callers wait for somebody else's execution of their run.
    var waitingCount: Int { active.waitingCount }

    private func drive(_ id: RunID, _ address: StreamAddress, _ lane: Lane) async throws {
        guard let term = services.ownership.term(of: address.slice) else { throw EventStoreError(.fenced) }
        while true {
            guard case .present(let run) = try await services.runs.state(at: address), !run.status.isEnd else { return }
            // Too early, or nothing for an executor: the job comes again when its time has come, and a parked run has none.
            if let waiting = run.waiting, waiting.holds(at: services.ids.now()), !run.isCancelRequested { return }
            let envelope = JournalEnvelope(
                correlation: CorrelationID(bits: run.request.event.bits), causation: run.request.event.bits, lane: lane,
                environment: run.request.environment, term: term)
            var recorder = JournalRecorder(
                directory: services.runs, address: address, envelope: envelope, run: run, linesToSkip: run.loggedLines)
            do {
                let end = try await attempt(id, address, lane, run, term, &recorder)
                try Task.checkCancellation()
                let outcome = outcome(end, run, recorder)
                if let outcome { recorder.add(outcome) }
                try await recorder.commit(services.ids)
                if outcome != nil { return }
            } catch let refusal as EntityRejection {
                // Somebody else ended the run meanwhile, a cancellation perhaps; what the log says counts.
                guard case .notNow = refusal, case .present(let run) = try await services.runs.state(at: address), run.status.isEnd else {
                    throw refusal
                }
                return
            }
        }
    }

    /// One pass through the sandbox.
    private func attempt(
        _ id: RunID, _ address: StreamAddress, _ lane: Lane, _ run: Run, _ term: SliceTerm, _ recorder: inout JournalRecorder
    ) async throws -> RunEnd {
        if run.isCancelRequested { return .cancelled }
        let attempt = nextAttempt(of: run)
        let isTakenUp = attempt.number == run.attempts.last?.number
        if isTakenUp, run.startsWithoutProgress >= services.configuration.startsWithoutProgress { return .startedInVain(run.startsWithoutProgress) }
        // The time in which nobody worked on the run, since the server was down, is not the run's.
        let remaining = run.request.timeout - (isTakenUp ? run.timeWorked : .zero)
        guard remaining > .zero else { return .timedOut(RunEnd.tooLong(run.request.timeout)) }
        guard let code = try await services.catalog.artefact(run.request.artefact) else {
            return .failed(RunFailure(name: "MissingVersion", message: "version \(run.request.version) of \(run.request.slug) is not in the catalog"))
        }
        guard let event = try await event(of: id, run, address.tenant) else {
            return .failed(RunFailure(name: "MissingEvent", message: "the event \(run.request.event) that started this run cannot be found"))
        }
        // Neither its input nor what it did is known any more.
        if event.isErased { return .exhausted(.erased) }
        let start = SandboxStart(RunInput(of: event), id: id, run: run, attempt: attempt, tenant: address.tenant, limit: remaining)
        // Before the start is written down: an attempt for which there was no sandbox has not begun.
        let session = try await sandbox.open(
            trustDomain: "\(address.tenant)", isUrgent: lane == .p1, script: code.script, start: start)
        active.attach(session, to: address.stream)
        let defers = run.request.tier == .instant
        recorder.add(.started(attempt))
        if !defers { try await recorder.commit(services.ids) }
        let host = HostCalls(tenant: address.tenant, run: id, request: run.request, services: services, term: term)
        let console = console.map { console in { @Sendable (line: LogLine) in console(id, line) } }
        let loop = RunLoop(session: session, run: run, live: .init(host: host, defersJournal: defers, console: console), recorder: recorder)
        let end = try await loop.run(
            ids: services.ids,
            secrets: { [services] in
                try await services.secretText($0, named: $1, tenant: address.tenant, run.request)
            })
        recorder = loop.recorder
        return end
    }

    /// The event whose body is the input; throws while it may still be on its way into the log.
    private func event(of id: RunID, _ run: Run, _ tenant: TenantID) async throws -> ReceivedEvent? {
        if let event = try await services.receivedEvent(run.request.event, tenant: tenant) { return event }
        let age = services.ids.now() - Timestamp(milliseconds: id.milliseconds)
        if age < services.configuration.eventPatience { throw EventUnderWay(event: run.request.event) }
        return nil
    }

    /// The first attempt's seed and clock serve all that follow, so that completed calls are met again in the journal.
    private func nextAttempt(of run: Run) -> RunAttempt {
        let isNew = run.attempts.isEmpty || run.isWaiting
        let number = (run.attempts.last?.number ?? 0) + (isNew ? 1 : 0)
        return RunAttempt(
            number: number, seed: run.attempts.first?.seed ?? UInt64(truncatingIfNeeded: services.ids.random128()), at: services.ids.now(),
            engine: services.configuration.engine)
    }

    /// What the end means for the run; nil when it says nothing of the run, which is then taken up again with what it learned.
    private func outcome(_ end: RunEnd, _ run: Run, _ recorder: JournalRecorder) -> RunEvent? {
        switch end {
        case .completed(let output): return .completed(output: output)
        case .timedOut(let failure): return .timedOut(failure)
        case .exhausted(let failure): return .failed(failure)
        case .cancelled: return .cancelled
        case .diverged(let failure): return .parked(failure)
        case .killed: return nil
        case .failed(let failure):
            let attempt = nextAttempt(of: run).number
            // An exception with no failed call before it would only repeat: the journal answers everything alike.
            guard recorder.hasFailedCall, let wait = run.request.retry.wait(afterAttempt: attempt) else { return .failed(failure) }
            return .retryScheduled(attempt: attempt, due: services.ids.now() + wait, failure)
        }
    }
}

/// The run's event is not in the log yet; the run is taken up again.
struct EventUnderWay: NotYetReady, CustomStringConvertible {
    let event: EventID
    var description: String { "the event \(event) is not in the log yet" }
}

extension RunServices {
    /// The value of a secret that a journal names.
    func secretText(_ id: SecretID, named name: String, tenant: TenantID, _ request: RunRequest) async throws -> String {
        // The record is bound to its owner, which is the tenant or its space.
        do { return String(decoding: try await vault.open(id, tenant: tenant, name: name), as: UTF8.self) } catch VaultError.missing {
            return String(decoding: try await vault.open(id, tenant: request.space, name: name), as: UTF8.self)
        }
    }
}
