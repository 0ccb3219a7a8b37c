import ArgumentParser
import EventSourcing
import Vocabulary

/// A moment as people write it: `-2h`, `2026-11-20`, `2026-11-20T10:00:00Z`, `version:3`, `position:120`, `now`.
enum MomentText {
    static let help = "A time such as 2026-11-20T10:00:00Z, 2026-11-20 or -2h (s, m, h, d), or version:N or position:N."

    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    /// Further back than any log.
    private static let longest: Int64 = 100 * 366 * 86_400

    /// Reads a moment; throws `ValidationError` with the remedy.
    @Sendable static func parse(_ text: String) throws -> Moment { try parse(text, now: SystemIDs.source.now()) }

    static func parse(_ text: String, now: Timestamp) throws -> Moment {
        if let moment = Moment(text) ?? Moment("\(text)T00:00:00Z") ?? ago(text, now: now) { return moment }
        throw ValidationError("\"\(text)\" is no moment. \(help)")
    }

    private static func ago(_ text: String, now: Timestamp) -> Moment? {
        guard text.hasPrefix("-"), let factor = text.last.flatMap({ units[$0] }), let count = Int64(text.dropFirst().dropLast()), count >= 0,
            count <= longest / factor
        else { return nil }
        return .time(now + .seconds(-count * factor))
    }
}
