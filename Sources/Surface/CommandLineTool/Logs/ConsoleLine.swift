/// A line of a workflow's console as a person sees it.
enum ConsoleLine {
    /// The text as it was written; levels other than `log` and `info` are named before it.
    static func text(level: String, _ text: String, on stream: Terminal.Stream) -> String {
        switch level {
        case "log", "info": text
        case "error": Style.red.on(stream, "[error] \(text)")
        case "warn": Style.yellow.on(stream, "[warn] \(text)")
        default: Style.dim.on(stream, "[\(level)] \(text)")
        }
    }
}
