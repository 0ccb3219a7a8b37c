import Domain
import Vocabulary

/// How a run without a server ended, in words and as an exit code.
struct RunReport: Sendable {
    let run: Run
    /// Compilation left out.
    let duration: Duration
    let source: WorkflowSource

    var exitStatus: ExitStatus {
        switch run.status {
        case .completed: .done
        case .timedOut: .timedOut
        case .pending, .running, .failed, .cancelled: .failed
        }
    }

    /// JSON text of the result; null for a run without one.
    private var output: [UInt8] { run.output ?? JSONValue.null.encoded }

    /// What goes to standard output: the result, or with `json` one object that says how the run ended, whatever it was.
    func standardOutput(json: Bool) -> [UInt8] {
        guard json else { return run.status == .completed ? output + Array("\n".utf8) : [] }
        var object: JSONObject = [
            "status": .string(run.status.rawValue), "durationMs": .int(duration.milliseconds), "calls": .int(run.calls.count),
        ]
        if let failure { object.append("error", failure) }
        let members = JSONValue.object(object).encoded.dropLast()
        // The result's own bytes: reading it into a tree could refuse what the workflow lawfully returned.
        let result = run.status == .completed ? Array(",\"output\":".utf8) + output : []
        return members + result + Array("}\n".utf8)
    }

    /// What goes to standard error: nothing for a result, else the error with the file's line, and its stack.
    var standardError: String {
        guard run.status != .completed else { return "" }
        guard let failure = run.failure else { return "\(source.path): the run ended as \(run.status.rawValue)\n" }
        let place = failure.location.map { "\(source.naming($0)): " } ?? ""
        let name = run.status == .timedOut ? "timed out" : failure.name
        let frames = stack.map { "    at \($0)\n" }.joined()
        return Style.red.on(.error, "\(place)\(name): \(source.naming(failure.message))") + "\n" + frames
    }

    private var stack: [String] {
        (run.failure?.stack ?? "").split(separator: "\n").map { source.naming(String($0)) }
    }

    private var failure: JSONValue? {
        guard let failure = run.failure else { return nil }
        var object: JSONObject = ["name": .string(failure.name), "message": .string(source.naming(failure.message))]
        if let location = failure.location { object.append("location", .string(source.naming(location))) }
        if !stack.isEmpty { object.append("stack", .array(stack.map(JSONValue.string))) }
        return .object(object)
    }
}
