import Domain
import Vocabulary

/// An execution as the API shows it, in a list or alone.
struct ExecutionEntry: Sendable, Hashable {
    /// Why an execution waits that goes on only when a person has looked at it.
    static let needsAttention = "needs attention"

    let json: JSONValue
    let id: RunID
    let status: RunStatus
    let createdAt: Timestamp

    /// Nil for JSON that is no execution.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ RunID($0) }), let status = json["status"]?.string.flatMap({ RunStatus(rawValue: $0) }),
            let createdAt = json["createdAt"]?.string.flatMap({ Timestamp($0) })
        else { return nil }
        self.json = json
        self.id = id
        self.status = status
        self.createdAt = createdAt
    }

    /// `needs attention`, `retry`; nil when it is worked on or has ended.
    var waitingReason: String? { json["waiting"]?["reason"]?.string }

    /// One line: when, which, how it stands, what of, how long, and its error.
    func line(on stream: Terminal.Stream) -> String {
        let time = "\(createdAt)".prefix(19) + "Z"
        let workflow = "\(json["workflow"]?.string ?? "?")@\(json["version"]?.integer.map(String.init) ?? "?")"
        let duration = json["durationMs"]?.integer.map { "\($0) ms" } ?? "-"
        let error = json["error"].map { "\($0["name"]?.string ?? "Error"): \($0["message"]?.string ?? "")" }
        let waiting = waitingReason.map { "waiting: \($0)" }
        let remarks = [waiting, error].compactMap { $0 }.map { Self.oneLine($0) }
        let columns = [Style.dim.on(stream, String(time)), "\(id)", style.on(stream, status.rawValue), workflow, duration]
        return (columns + remarks).joined(separator: "  ")
    }

    /// What it wrote to its console, indented below its line.
    func console(on stream: Terminal.Stream, after count: Int = 0) -> [String] {
        (json["logs"]?.array ?? []).dropFirst(count).map { line in
            let text = ConsoleLine.text(level: line["level"]?.string ?? "log", line["text"]?.string ?? "", on: stream)
            return text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)\n" }.joined()
        }
    }

    private var style: Style {
        switch status {
        case .completed: .green
        case .failed, .timedOut: .red
        case .cancelled: .yellow
        case .pending, .running: .dim
        }
    }

    private static func oneLine(_ text: String) -> String { text.split(whereSeparator: \.isNewline).joined(separator: " ") }
}
