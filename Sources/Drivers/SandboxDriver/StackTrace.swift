import SandboxProtocol

/// Turns the engine's stack traces into ones that name the customer's file and lines.
struct StackTrace {
    private let fileName: String
    private let map: SourceMap
    /// More frames than these tell nothing new: they are a recursion.
    private static let shownFrames = 32

    init(script: SandboxScript) {
        fileName = script.fileName
        map = SourceMap(json: script.sourceMap)
    }

    /// The failure with its stack mapped and frames that are not the customer's left out.
    func mapping(_ failure: SandboxFailure) -> SandboxFailure {
        let frames = failure.stack.split(separator: "\n").compactMap(frame)
        let lines = frames.prefix(Self.shownFrames).map(show)
        return SandboxFailure(
            name: failure.name, message: failure.message, stack: lines.joined(separator: "\n"), location: frames.first?.location)
    }

    /// A log text in which the lines of a logged error's stack are mapped; other lines stay.
    func mapping(_ text: String) -> String {
        guard text.contains("@fastn:") else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            if let frame = frame(line) { return "    " + show(frame) }
            return line.contains("@\(SandboxSourceName.prelude):") ? nil : String(line)
        }.joined(separator: "\n")
    }

    /// The innermost customer's line of a backtrace of the form `#0 name() at fastn:workflow:24`.
    func location(inBacktrace text: String) -> SandboxLocation? {
        for line in text.split(separator: "\n") {
            guard let tail = line.split(separator: " ").last, tail.hasPrefix(SandboxSourceName.workflow + ":"),
                let number = tail.split(separator: ":").last.flatMap({ Int($0) }), let place = map.original(line: number, column: 1)
            else { continue }
            return SandboxLocation(file: fileName, line: place.line, column: place.column)
        }
        return nil
    }

    private typealias Frame = (function: String, location: SandboxLocation)

    /// A line of the form `name@fastn:workflow:line:column`; nil for every other.
    private func frame(_ line: Substring) -> Frame? {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 4, let generatedColumn = Int(fields[fields.count - 1]), let generatedLine = Int(fields[fields.count - 2]) else {
            return nil
        }
        let head = fields.dropLast(2).joined(separator: ":")
        let suffix = "@" + SandboxSourceName.workflow
        guard head.hasSuffix(suffix), let place = map.original(line: generatedLine, column: generatedColumn) else { return nil }
        return (String(head.dropLast(suffix.count)), SandboxLocation(file: fileName, line: place.line, column: place.column))
    }

    private func show(_ frame: Frame) -> String {
        frame.function.isEmpty ? "(\(frame.location))" : "\(frame.function) (\(frame.location))"
    }
}
