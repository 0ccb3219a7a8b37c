import SandboxProtocol

/// What the host knows of one run, and the judge of every frame that the worker sends for it.
///
/// A pure value: the worker is untrusted, so each rule about frames is here and none elsewhere.
struct RunLedger {
    /// A frame that no worker of ours sends.
    struct Violation: Error { let reason: String }

    private static let operationBytes = 64

    private var nextCall: UInt32 = 0
    private var openCalls: Set<UInt32> = []
    private var loggedBytes = 0
    private var logsAreCut = false

    /// The message that a frame stands for; nil if it says nothing new.
    mutating func accept(_ frame: SandboxFrame) throws(Violation) -> SandboxMessage? {
        do {
            switch frame.kind {
            case .call: return .call(try acceptCall(frame))
            case .log: return try acceptLog(frame)
            case .turn:
                guard frame.id <= nextCall else { throw Violation(reason: "more calls open than made") }
                return .turnOver(openCalls: Int(frame.id))
            case .result: return try acceptResult(frame)
            case .failure: return .failed(try acceptFailure(frame))
            case .script, .open, .input, .body, .start, .check, .value, .error, .ready, .limit:
                throw Violation(reason: "frame \(frame.kind) in a run")
            }
        } catch let violation as Violation {
            throw violation
        } catch {
            throw Violation(reason: "payload of frame \(frame.kind) is not what it should be")
        }
    }

    /// Notes that a call is answered; false if it is not open.
    mutating func close(call id: UInt32) -> Bool {
        openCalls.remove(id) != nil
    }

    private mutating func acceptCall(_ frame: SandboxFrame) throws -> SandboxCall {
        guard frame.id == nextCall else { throw Violation(reason: "call \(frame.id) after \(nextCall) calls") }
        guard openCalls.count < SandboxLimits.openCalls, nextCall < SandboxLimits.totalCalls else { throw Violation(reason: "too many calls") }
        let members = try JSONText.members(of: frame.payload)
        guard let operation = JSONText.stringValue(members["op"]), operation.utf8.count <= Self.operationBytes, let arguments = members["args"] else {
            throw Violation(reason: "call without operation or arguments")
        }
        nextCall += 1
        openCalls.insert(frame.id)
        return SandboxCall(id: frame.id, operation: operation, argumentsJSON: Array(arguments))
    }

    private mutating func acceptLog(_ frame: SandboxFrame) throws -> SandboxMessage? {
        if logsAreCut { return nil }
        loggedBytes += frame.payload.count
        if loggedBytes > SandboxLimits.logBytes {
            logsAreCut = true
            return .log(.warn, "the log is cut here: a run may write \(SandboxLimits.logBytes >> 10) KB")
        }
        let members = try JSONText.members(of: frame.payload)
        guard let level = JSONText.stringValue(members["level"]).flatMap(SandboxLogLevel.init(rawValue:)),
            let text = JSONText.stringValue(members["text"])
        else { throw Violation(reason: "log without level or text") }
        return .log(level, text)
    }

    private func acceptResult(_ frame: SandboxFrame) throws -> SandboxMessage {
        do {
            try JSONText.validate(frame.payload)
        } catch JSONText.Problem.tooDeep {
            let message = "the result is nested deeper than \(SandboxLimits.jsonDepth) levels"
            return .failed(SandboxFailure(name: "RangeError", message: message, stack: "", location: nil))
        }
        return .completed(resultJSON: frame.payload)
    }

    private func acceptFailure(_ frame: SandboxFrame) throws -> SandboxFailure {
        let members = try JSONText.members(of: frame.payload)
        guard let name = JSONText.stringValue(members["name"]), let message = JSONText.stringValue(members["message"]),
            let stack = JSONText.stringValue(members["stack"])
        else { throw Violation(reason: "failure without name, message or stack") }
        return SandboxFailure(name: name, message: message, stack: stack, location: nil)
    }
}
