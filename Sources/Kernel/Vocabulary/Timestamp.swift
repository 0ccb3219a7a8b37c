/// An instant: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Text form: ISO 8601 in UTC with six decimals, `2026-03-01T09:30:00.123456Z`. Source: RFC 3339.
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(milliseconds: Int64) { self.microseconds = milliseconds * 1000 }

    package static let epoch = Timestamp(microseconds: 0)

    package var milliseconds: Int64 { microseconds.floorDivided(by: 1000) }
    package var seconds: Int64 { microseconds.floorDivided(by: 1_000_000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
    package static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds + duration.microseconds)
    }
    package static func - (left: Timestamp, right: Timestamp) -> Duration { .microseconds(left.microseconds - right.microseconds) }

    /// The calendar day in UTC.
    package var day: CalendarDay { CalendarDay(daysSince1970: microseconds.floorDivided(by: 86_400_000_000)) }

    package var description: String {
        let rest = microseconds - day.daysSince1970 * 86_400_000_000
        let second = rest / 1_000_000
        return "\(day)T\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)).\(padded(rest % 1_000_000, 6))Z"
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; answers nil for anything else.
    package init?(_ text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"), let day = reader.digits(2),
            let date = CalendarDay(year: year, month: month, day: day), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"), let second = reader.digits(2),
            hour < 24, minute < 60, second < 60
        else { return nil }
        guard let fraction = reader.skip(".") ? reader.fraction() : 0, let offset = reader.zoneOffsetMinutes(), reader.isAtEnd else { return nil }
        let whole = date.daysSince1970 * 86_400 + Int64(hour * 3600 + (minute - offset) * 60 + second)
        self.microseconds = whole * 1_000_000 + Int64(fraction)
    }
}

/// A day of the proleptic Gregorian calendar, text form `YYYY-MM-DD`.
package struct CalendarDay: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let daysSince1970: Int64

    package init(daysSince1970: Int64) { self.daysSince1970 = daysSince1970 }

    /// Answers nil for a day that is not in the calendar, such as 30 February.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        self.daysSince1970 = CalendarDay.days(year: year, month: month, day: day)
        guard parts == (year, month, day) else { return nil }
    }

    package static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.daysSince1970 < right.daysSince1970 }

    /// Year, month 1...12 and day 1...31. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    package var parts: (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1))
    }

    /// The first day of this day's month.
    package func firstOfMonth() -> CalendarDay {
        CalendarDay(daysSince1970: CalendarDay.days(year: parts.year, month: parts.month, day: 1))
    }

    package var description: String { "\(padded(Int64(parts.year), 4))-\(padded(Int64(parts.month), 2))-\(padded(Int64(parts.day), 2))" }

    /// Source: the same paper, days_from_civil.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero.
    package var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 { microseconds / 1000 }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 { (self >= 0 ? self : self - divisor + 1) / divisor }
}

private func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Reads fixed-width decimal fields; the text is at most a few dozen bytes.
private struct DigitReader {
    let bytes: [UInt8]
    var index = 0

    var isAtEnd: Bool { index == bytes.count }

    mutating func digits(_ count: Int) -> Int? {
        guard index + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[index..<index + count] {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        index += count
        return value
    }

    mutating func skip(_ character: Character) -> Bool {
        guard index < bytes.count, bytes[index] == character.asciiValue else { return false }
        index += 1
        return true
    }

    /// Microseconds; digits beyond the sixth are dropped. Nil when there is no digit.
    mutating func fraction() -> Int? {
        let start = index
        var value = 0
        var scale = 100_000
        while let digit = digits(1) {
            value += digit * scale
            scale /= 10
        }
        return index > start ? value : nil
    }

    mutating func zoneOffsetMinutes() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let isWest = skip("-")
        guard isWest || skip("+"), let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
