import Domain
import SandboxDriver
import Vocabulary

extension CatalogArtefact {
    /// The version's code as the sandbox takes it.
    var script: SandboxScript {
        SandboxScript(id: artefact.hash, fileName: language.fileName, source: artefact.script, sourceMap: Array(artefact.sourceMap.utf8))
    }
}

extension SandboxStart {
    /// What the code sees when it begins. Seed and clock are the first attempt's, for every attempt and every replay.
    init(_ input: RunInput, id: RunID, run: Run, attempt: RunAttempt, tenant: TenantID, limit: Duration) {
        let context: JSONValue = [
            "executionId": .id(id), "eventId": .id(run.request.event), "tenantId": .id(tenant),
            "workflow": ["id": .id(run.request.workflow), "slug": .string(run.request.slug), "version": .int(run.request.version)],
        ]
        self.init(seed: attempt.seed, nowMilliseconds: (run.attempts.first ?? attempt).at.milliseconds, wallClockLimit: limit)
        inputJSON = input.input
        headersJSON = input.headers
        rawBody = input.rawBody
        contextJSON = context.encoded
    }
}
