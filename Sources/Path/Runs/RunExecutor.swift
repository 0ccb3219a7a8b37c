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

    /// Executes a run, or waits for whoever does in this process, and answers how it stands then.
    ///
    /// Throws what keeps the run from being executed now; its job stays and it is taken up again.
    package func execute(_ id: RunID, tenant: TenantID, lane: Lane) async throws -> Run? {
        let address = id.address(in: tenant)
        if active.begin(address.stream) {
            defer { active.end(address.stream) }
            try await drive(id, address, lane)
        } else {
            await active.join(address.stream)
        }
        guard case .present(let run) = try await services.runs.state(at: address) else { return nil }
        if run.status.isEnd { services.runs.forget(address) }
        return run
    }

    /// Asks that a run stop: at once when it waits, else by stopping its sandbox.
    package func cancel(_ id: RunID, tenant: TenantID, _ envelope: CommandEnvelope) async throws -> EntityReply<RunState> {
        let reply = try await services.runs.send(.cancel, to: id.address(in: tenant), envelope)
        active.cancel(id.recast())
        return reply
    }

    /// How many runs this process executes now.
    package var activeCount: Int { active.count }

    private func drive(_ id: RunID, _ address: StreamAddress, _ lane: Lane) async throws {
        for restart in 0... {
            guard case .present(let run) = try await services.runs.state(at: address), !run.status.isEnd else { return }
            let envelope = JournalEnvelope(
                correlation: CorrelationID(bits: run.request.event.bits), causation: run.request.event.bits, lane: lane,
                environment: run.request.environment)
            var recorder = JournalRecorder(directory: services.runs, address: address, envelope: envelope, linesToSkip: run.loggedLines)
            do {
                let end = try await attempt(id, address, lane, run, &recorder)
                try Task.checkCancellation()
                if case .killed = end, restart < services.configuration.restartsPerRun { continue }
                recorder.add(outcome(end, run, recorder))
                return try await recorder.commit(services.ids)
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
        _ id: RunID, _ address: StreamAddress, _ lane: Lane, _ run: Run, _ recorder: inout JournalRecorder
    ) async throws -> RunEnd {
        if run.isCancelRequested { return .cancelled }
        guard let code = try await services.catalog.artefact(run.request.artefact) else {
            return .failed(RunFailure(name: "MissingVersion", message: "version \(run.request.version) of \(run.request.slug) is not in the catalog"))
        }
        guard let event = try await services.receivedEvent(run.request.event, tenant: address.tenant) else {
            return .failed(RunFailure(name: "MissingEvent", message: "the event \(run.request.event) that started this run cannot be found"))
        }
        let attempt = nextAttempt(of: run)
        let remaining = run.request.timeout - (services.ids.now() - run.beginning(ofAttempt: attempt.number, else: services.ids.now()))
        guard remaining > .zero else { return .timedOut(RunEnd.tooLong(run.request.timeout)) }
        let defers = run.request.tier == .instant
        recorder.add(.started(attempt))
        if !defers { try await recorder.commit(services.ids) }
        let start = SandboxStart(RunInput(of: event), id: id, run: run, attempt: attempt, tenant: address.tenant, limit: remaining)
        let session = try await sandbox.open(
            trustDomain: "\(address.tenant)", isUrgent: lane == .p1, script: code.script, start: start)
        active.attach(session, to: address.stream)
        let host = HostCalls(tenant: address.tenant, run: id, request: run.request, services: services)
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

    /// The first attempt's seed and clock serve all that follow, so that completed calls are met again in the journal.
    private func nextAttempt(of run: Run) -> RunAttempt {
        let isNew = run.attempts.isEmpty || run.waitingReason != nil
        let number = (run.attempts.last?.number ?? 0) + (isNew ? 1 : 0)
        return RunAttempt(
            number: number, seed: run.attempts.first?.seed ?? UInt64(truncatingIfNeeded: services.ids.random128()), at: services.ids.now(),
            engine: services.configuration.engine)
    }

    private func outcome(_ end: RunEnd, _ run: Run, _ recorder: JournalRecorder) -> RunEvent {
        switch end {
        case .completed(let output): return .completed(output: output)
        case .timedOut(let failure): return .timedOut(failure)
        case .cancelled: return .cancelled
        case .diverged(let failure): return .parked(failure)
        case .killed:
            return .failed(RunFailure(name: "sandbox", message: "the sandbox was killed \(services.configuration.restartsPerRun + 1) times"))
        case .failed(let failure):
            let attempt = nextAttempt(of: run).number
            // An exception with no failed call before it would only repeat: the journal answers everything alike.
            guard recorder.hasFailedCall, let wait = run.request.retry.wait(afterAttempt: attempt) else { return .failed(failure) }
            return .retryScheduled(attempt: attempt, due: services.ids.now() + wait, failure)
        }
    }
}

extension Run {
    /// When an attempt began, however often it was taken up again.
    func beginning(ofAttempt number: Int, else now: Timestamp) -> Timestamp { attempts.first { $0.number == number }?.at ?? now }
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
