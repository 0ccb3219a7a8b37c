import PostgresDriver
import Vocabulary

/// An era is stored as the first day of its month, the lasting one as minus infinity.
extension Era {
    /// Days from 1970-01-01 to 2000-01-01, from which Postgres counts.
    private static let daysTo2000: Int64 = 10_957

    var date: PostgresDate {
        switch self {
        case .lasting: .negativeInfinity
        case .month(let day): PostgresDate(daysSince2000: Int32(clamping: day.daysSince1970 - Self.daysTo2000))
        }
    }

    init(_ date: PostgresDate) {
        self = date == .negativeInfinity ? .lasting : .month(CalendarDay(daysSince1970: Int64(date.daysSince2000) + Self.daysTo2000))
    }
}
