import ArgumentParser
import Vocabulary

/// A length of time as people write it: `500ms`, `5s`, `1.5s`, `2m`, `1h`.
enum TimeLimit {
    /// The longest that any workflow may take.
    static let longest = Duration.seconds(21_600)
    private static let milliseconds: [(unit: String, factor: Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]

    /// Reads a time of at least a millisecond and at most ``longest``; throws `ValidationError` with the remedy.
    static func parse(_ text: String) throws -> Duration {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let unit = text.dropFirst(number.count)
        guard let value = Double(number), let factor = milliseconds.first(where: { $0.unit == unit })?.factor else {
            throw ValidationError("write a number and its unit, such as 500ms, 5s or 2m")
        }
        guard (1...Double(longest.milliseconds)).contains(value * factor) else { throw ValidationError("must be between 1ms and 6h") }
        return .milliseconds(Int64(value * factor))
    }
}
