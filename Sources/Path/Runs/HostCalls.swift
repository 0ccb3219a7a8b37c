import Cryptography
import Domain
import EventSourcing
import Vocabulary

/// Makes the host calls of one run for real.
struct HostCalls: Sendable {
    let tenant: TenantID
    let run: RunID
    let request: RunRequest
    let services: RunServices
    /// The term under which the run is executed here.
    let term: SliceTerm

    /// Whether the call may leave without a record of its own before it.
    func needsRecord(_ call: RunCall) -> Bool {
        guard let connector = call.connector, let action = call.action else { return false }
        return !services.actions.isIdempotent(connector: connector, action: action)
    }

    /// Whether the outcome must be in the log before the code learns of it, because making the call again would reach the world or take long.
    func isCostly(_ call: RunCall, _ result: CallResult) -> Bool {
        call.connector != nil || result.duration >= services.configuration.commitInterval
    }

    /// Equal for every repetition of a call, so that the other side can tell; another for another call, which may take the same index after
    /// a call that failed. It holds nothing of a secret, since `input` does not.
    func idempotencyKey(_ call: RunCall) -> String {
        let digest = SHA256.hash("\(call.connector ?? "")|\(call.action ?? "")|\(call.input)")
        return "\(run)-\(call.index)-\(digest.hex.prefix(Self.digestDigits))"
    }

    /// Digits of the hash in an idempotency key: enough to tell the calls of one run and one index apart.
    private static let digestDigits = 16

    /// Makes the call; `arguments` is what the code gave, with secrets in it.
    ///
    /// Throws what is no outcome of the call, such as a database that does not answer: the run is taken up again then.
    func make(_ call: RunCall, arguments: JSONValue, overlay: StateOverlay) async throws -> HostOutcome {
        // Whoever owns the slice now makes the call itself.
        guard services.ownership.term(of: Slice(of: tenant)) == term else { throw EventStoreError(.fenced) }
        do {
            switch call.operation {
            case "connector": return try await connector(call, arguments)
            case "state.get": return .result(.value(try await stateValue(arguments, overlay)))
            case "state.set", "state.delete": return .state(try stateWrite(call, arguments))
            case "secrets.get": return try await secret(arguments)
            case "timer.sleep": return try await sleep(arguments)
            default: return .failed("TypeError", "\(call.operation) is not available in workflows")
            }
        } catch let limit as StateLimit {
            return .failed("HostError", "\(limit)")
        } catch let error as VaultError where error != .unavailable {
            return .failed("HostError", "\(error)")
        }
    }

    private func connector(_ call: RunCall, _ arguments: JSONValue) async throws -> HostOutcome {
        guard let connector = call.connector, let action = call.action else { return .failed("TypeError", "connector and action are required") }
        let outcome = try await services.actions.call(
            ActionCall(
                tenant: tenant, space: request.space, connector: connector, action: action, input: (arguments["input"] ?? .null).encoded,
                idempotencyKey: idempotencyKey(call), timeout: min(services.configuration.callTimeout, request.timeout)))
        return switch outcome {
        case .value(let bytes): .result(.value(bytes))
        case .error(let failure): .result(.error(failure))
        }
    }

    private func sleep(_ arguments: JSONValue) async throws -> HostOutcome {
        // Beyond the run's own end it makes no difference how long; what is no number is no pause.
        let wanted = arguments["ms"]?.double ?? 0
        let longest = (request.timeout + .seconds(1)) / .milliseconds(1)
        try await Task.sleep(for: .milliseconds(wanted > 0 ? min(wanted, longest) : 0))
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

    func value(scope: StateScopeID, key: String) -> StateWrite? { writes.last { $0.scope == scope && $0.key == key } }
}

extension HostCalls {
    /// State belongs to a tenant's use of one workflow, so that customers never meet in a key; or to one run.
    private func scope(_ arguments: JSONValue) -> StateScopeID {
        if arguments["scope"]?.string == "INVOCATION" { return run.recast() }
        return StateScopeID(bits: tenant.bits ^ (request.workflow.bits << 1 | request.workflow.bits >> 127))
    }

    private func stateValue(_ arguments: JSONValue, _ overlay: StateOverlay) async throws -> [UInt8] {
        let key = arguments["key"]?.string ?? ""
        if let written = overlay.value(scope: scope(arguments), key: key) { return written.value ?? Array("null".utf8) }
        return try await services.state.stateValue(scope: scope(arguments), key: key, tenant: tenant) ?? Array("null".utf8)
    }

    private func stateWrite(_ call: RunCall, _ arguments: JSONValue) throws -> StateWrite {
        let key = arguments["key"]?.string ?? ""
        guard key.utf8.count <= Limits.stateKeyBytes else { throw StateLimit.key }
        guard call.operation == "state.set" else { return StateWrite(scope: scope(arguments), key: key, value: nil) }
        let value = (arguments["value"] ?? .null).encoded
        guard value.count <= Limits.stateValueBytes else { throw StateLimit.value }
        return StateWrite(scope: scope(arguments), key: key, value: value, expires: try timeToLive(arguments).map { services.ids.now() + $0 })
    }

    /// The sandbox checks it too, but what comes from there is not trusted.
    private func timeToLive(_ arguments: JSONValue) throws -> Duration? {
        guard let ttl = arguments["ttl"], !ttl.isNull else { return nil }
        guard let seconds = ttl.double, seconds > 0 else { throw StateLimit.timeToLive }
        return .seconds(min(seconds, Self.longestTimeToLive))
    }

    /// In seconds, some thirty years: as good as for ever, and within what a timestamp holds.
    private static let longestTimeToLive = 1e9
}

/// A state entry that is too large.
enum StateLimit: Error, CustomStringConvertible {
    case key
    case value
    case timeToLive

    var description: String {
        switch self {
        case .key: "fastn.state: a key may have at most \(Limits.stateKeyBytes) bytes"
        case .value: "fastn.state.set: a value may have at most \(Limits.stateValueBytes) bytes of JSON; keep large data elsewhere"
        case .timeToLive: "fastn.state.set: ttl must be a number of seconds above 0"
        }
    }
}
