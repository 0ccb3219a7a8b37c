package import Domain
import EventSourcing
package import SandboxDriver
package import Vocabulary

/// Runs a finished execution again from its journal, without touching the world, and tells whether it goes the same way.
package struct RunReplayer: Sendable {
    private let services: RunServices
    private let sandbox: SandboxPool

    package init(services: RunServices, sandbox: SandboxPool) {
        self.services = services
        self.sandbox = sandbox
    }

    /// Cost: one pass through the sandbox; nothing is written and no call leaves.
    package func replay(_ id: RunID, tenant: TenantID) async throws -> ReplayReport {
        let address = StreamAddress.monthly(RunDecider.self, id, in: tenant)
        guard case .present(let run) = try await services.runs.state(at: address) else { throw EntityRejection.unknown(RunDecider.category) }
        guard run.status == .completed || run.status == .failed, let attempt = run.attempts.first else {
            throw EntityRejection.notNow("only an execution that completed or failed can be replayed; this one is \(run.status.rawValue)")
        }
        guard let code = try await services.catalog.artefact(run.request.artefact) else {
            throw EntityRejection.notNow("version \(run.request.version) of \(run.request.slug) is not in the catalog")
        }
        guard let event = try await services.receivedEvent(run.request.event, tenant: tenant) else {
            throw EntityRejection.notNow("the event that started the execution cannot be found")
        }
        if event.isErased { throw EntityRejection.notNow("what the execution was given and did is erased") }
        let start = SandboxStart(RunInput(of: event), id: id, run: run, attempt: attempt, tenant: tenant, limit: run.request.timeout)
        let session = try await sandbox.open(trustDomain: "\(tenant)", script: code.script, start: start)
        let envelope = JournalEnvelope(
            correlation: CorrelationID(bits: run.request.event.bits), causation: id.bits, lane: .p1, environment: run.request.environment)
        let recorder = JournalRecorder(directory: services.runs, address: address, envelope: envelope, run: run, linesToSkip: Int.max)
        let loop = RunLoop(session: session, run: run, live: nil, recorder: recorder)
        let end = try await loop.run(ids: services.ids, secrets: { try await services.secretText($0, named: $1, tenant: tenant, run.request) })
        return ReplayReport(run: run, end: end)
    }
}

/// Whether a replay went the way of the original.
package struct ReplayReport: Sendable {
    package let isSame: Bool
    package let calls: Int
    package let recordedStatus: RunStatus
    /// What differs, in words; nil when nothing does.
    package let difference: String?

    init(run: Run, end: RunEnd) {
        let difference: String? =
            switch (run.status, end) {
            case (.completed, .completed(let output)):
                output == run.output ? nil : "the result differs: recorded \(excerpt(run.output ?? [])), replayed \(excerpt(output))"
            case (.failed, .failed(let failure)):
                failure.name == run.failure?.name && failure.message == run.failure?.message
                    ? nil : "the error differs: recorded \(run.failure?.message ?? "none"), replayed \(failure.message)"
            case (_, .diverged(let failure)), (_, .failed(let failure)), (_, .timedOut(let failure)), (_, .exhausted(let failure)): failure.message
            case (_, .completed): "the replay completed although the execution had failed"
            case (_, .cancelled), (_, .killed): "the replay was stopped"
            }
        self.difference = difference
        isSame = difference == nil
        calls = run.calls.count
        recordedStatus = run.status
    }
}

private func excerpt(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(200), as: UTF8.self) }
