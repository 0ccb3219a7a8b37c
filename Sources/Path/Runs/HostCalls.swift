import Domain
import EventSourcing
import Vocabulary

/// Makes the host calls of one run for real.
struct HostCalls: Sendable {
    let tenant: TenantID
    let run: RunID
    let request: RunRequest
    let services: RunServices

    /// Whether the call may leave without a record of its own before it.
    func needsRecord(_ call: RunCall) -> Bool {
        guard let connector = call.connector, let action = call.action else { return false }
        return !services.actions.isIdempotent(connector: connector, action: action)
    }

    /// Whether the outcome must be in the log before the code learns of it, because making the call again would reach the world.
    func leavesTheSystem(_ call: RunCall) -> Bool { call.connector != nil }

    /// Equal for every repetition of a call, so that the other side can tell.
    func idempotencyKey(_ call: RunCall) -> String { "\(run)-\(call.index)" }

    /// Makes the call; `arguments` is what the code gave, with secrets in it.
    func make(_ call: RunCall, arguments: JSONValue, overlay: StateOverlay) async -> HostOutcome {
        do {
            switch call.operation {
            case "connector": return await connector(call, arguments)
            case "state.get": return .result(.value(try await stateValue(arguments, overlay)))
            case "state.set", "state.delete": return .state(try stateWrite(call, arguments))
            case "secrets.get": return try await secret(arguments)
            case "timer.sleep": return try await sleep(arguments)
            default: return .failed("TypeError", "\(call.operation) is not available in workflows")
            }
        } catch is CancellationError {
            return .failed("Cancelled", "the run was stopped")
        } catch {
            return .failed("HostError", "\(error)")
        }
    }

    private func connector(_ call: RunCall, _ arguments: JSONValue) async -> HostOutcome {
        guard let connector = call.connector, let action = call.action else { return .failed("TypeError", "connector and action are required") }
        let outcome = await services.actions.call(
            ActionCall(
                tenant: tenant, space: request.space, connector: connector, action: action, input: (arguments["input"] ?? .null).encoded,
                idempotencyKey: idempotencyKey(call), timeout: min(services.configuration.callTimeout, request.timeout)))
        return switch outcome {
        case .value(let bytes): .result(.value(bytes))
        case .error(let failure): .result(.error(failure))
        }
    }

    private func sleep(_ arguments: JSONValue) async throws -> HostOutcome {
        let milliseconds = min(max(arguments["ms"]?.double ?? 0, 0), Double(request.timeout.milliseconds) + 1000)
        try await Task.sleep(for: .milliseconds(Int64(milliseconds)))
        return .result(.value(Array("null".utf8)))
    }

    private func secret(_ arguments: JSONValue) async throws -> HostOutcome {
        let name = arguments["name"]?.string ?? ""
        guard let record = try await services.catalog.secret(name: name, tenant: tenant, space: request.space) else {
            return .failed("SecretNotFound", "there is no secret named \"\(name)\"; write it with PUT …/secrets/\(name) or fastn secrets set")
        }
        let value = try await services.vault.open(record.id, tenant: record.owner, name: record.name)
        return .secret(name: name, record.id, value: String(decoding: value, as: UTF8.self))
    }
}

/// What a live call came to, before it is written down.
enum HostOutcome: Sendable {
    case result(CallResult.Outcome)
    /// A value for the code that the journal must not hold.
    case secret(name: String, SecretID, value: String)
    /// Written together with the journal entry.
    case state(StateWrite)

    static func failed(_ name: String, _ message: String) -> HostOutcome { .result(.error(RunFailure(name: name, message: message))) }
}

/// State that this run has written and not committed yet; it reads its own writes.
struct StateOverlay: Sendable {
    var writes: [StateWrite] = []

    func value(scope: UInt128, key: String) -> StateWrite? { writes.last { $0.scope == scope && $0.key == key } }
}

extension HostCalls {
    /// State belongs to a tenant's use of one workflow, so that customers never meet in a key; or to one run.
    private func scope(_ arguments: JSONValue) -> UInt128 {
        arguments["scope"]?.string == "INVOCATION" ? run.bits : tenant.bits ^ (request.workflow.bits << 1 | request.workflow.bits >> 127)
    }

    private func stateValue(_ arguments: JSONValue, _ overlay: StateOverlay) async throws -> [UInt8] {
        let key = arguments["key"]?.string ?? ""
        if let written = overlay.value(scope: scope(arguments), key: key) { return written.value ?? Array("null".utf8) }
        return try await services.state.stateValue(scope: scope(arguments), key: key) ?? Array("null".utf8)
    }

    private func stateWrite(_ call: RunCall, _ arguments: JSONValue) throws -> StateWrite {
        let key = arguments["key"]?.string ?? ""
        guard key.utf8.count <= Limits.stateKeyBytes else { throw StateLimit.key }
        guard call.operation == "state.set" else { return StateWrite(scope: scope(arguments), key: key, value: nil) }
        let value = (arguments["value"] ?? .null).encoded
        guard value.count <= Limits.stateValueBytes else { throw StateLimit.value }
        let expires = arguments["ttl"]?.double.map { services.ids.now() + .milliseconds(Int64(min($0, 1e9) * 1000)) }
        return StateWrite(scope: scope(arguments), key: key, value: value, expires: expires)
    }
}

/// A state entry that is too large.
enum StateLimit: Error, CustomStringConvertible {
    case key
    case value

    var description: String {
        switch self {
        case .key: "fastn.state: a key may have at most \(Limits.stateKeyBytes) bytes"
        case .value: "fastn.state.set: a value may have at most \(Limits.stateValueBytes) bytes of JSON; keep large data elsewhere"
        }
    }
}
