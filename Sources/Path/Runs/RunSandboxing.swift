import Domain
package import SandboxDriver
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

extension RunCall {
    /// The call as the journal holds it: connector calls by their parts, secrets struck out.
    init(_ call: SandboxCall, arguments: JSONValue, redactor: SecretRedactor) {
        let isConnector = call.operation == "connector"
        let input = isConnector ? arguments["input"] ?? .null : arguments
        self.init(
            index: Int(call.id), operation: call.operation, connector: isConnector ? arguments["connector"]?.string : nil,
            action: isConnector ? arguments["action"]?.string : nil, connection: isConnector ? input["connection"]?.string : nil,
            input: redactor.redact(input.text))
    }
}

extension SandboxConfiguration {
    /// The sandboxes in which runs are executed, on a server and without one.
    package static func forRuns(executablePath: String) -> SandboxConfiguration {
        var configuration = SandboxConfiguration(executablePath: executablePath)
        // A run that works on much data in many turns is lawful; one that needs more than this keeps a core from everybody else.
        configuration.cpuLimit = .seconds(60)
        return configuration
    }
}
