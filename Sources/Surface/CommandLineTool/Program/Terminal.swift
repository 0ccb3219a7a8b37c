import FoundationEssentials
import Glibc

/// Standard output and standard error, unbuffered, so that lines of both appear in the order in which they were written.
package enum Terminal {
    /// Where text goes.
    package enum Stream: Int32, Sendable {
        case output = 1
        case error = 2
    }

    /// Results, for people and for programs.
    package static func out(_ text: String) { write(Array(text.utf8), to: .output) }

    /// Everything that is not a result.
    package static func err(_ text: String) { write(Array(text.utf8), to: .error) }

    /// One line that says why the program ends.
    package static func fail(_ message: String) { err("\(Style.red.on(.error, "fastn:")) \(message)\n") }

    /// Writes bytes as they are. What nobody reads any more is dropped.
    package static func write(_ bytes: [UInt8], to stream: Stream) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(stream.rawValue, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// A colour or weight of text on a terminal. Source: ECMA-48, "Select graphic rendition".
package enum Style: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33

    /// The text in this style where the stream shows colours, else as it is.
    package func on(_ stream: Terminal.Stream, _ text: String) -> String {
        Self.isShown(isTerminal: isatty(stream.rawValue) == 1, environment: Self.environment) ? "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" : text
    }

    private static let environment = ProcessInfo.processInfo.environment

    /// Whether colours are used: on a terminal that knows them, and never where NO_COLOR is set. Source: no-color.org.
    static func isShown(isTerminal: Bool, environment: [String: String]) -> Bool {
        isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
}
