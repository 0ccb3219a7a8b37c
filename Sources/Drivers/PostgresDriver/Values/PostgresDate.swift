/// A calendar day as Postgres keeps it, or one of its two infinities.
///
/// Source: PostgreSQL manual, "Date/Time Types"; the binary form counts days from 2000-01-01.
package struct PostgresDate: Hashable, Sendable, Comparable {
    /// Days since 2000-01-01; `Int32.min` and `Int32.max` are the infinities.
    package let daysSince2000: Int32

    /// Earlier than every day.
    package static let negativeInfinity = PostgresDate(daysSince2000: .min)

    /// Later than every day.
    package static let infinity = PostgresDate(daysSince2000: .max)

    /// The day this many days after 2000-01-01.
    package init(daysSince2000: Int32) {
        self.daysSince2000 = daysSince2000
    }

    /// A day of the proleptic Gregorian calendar; month 1...12, day 1...31, year 1...9999.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    package init(year: Int, month: Int, day: Int) {
        precondition((1...9999).contains(year) && (1...12).contains(month) && (1...31).contains(day), "not a day: \(year)-\(month)-\(day)")
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let daysFrom0000MarchTo2000 = 730_425
        daysSince2000 = Int32(era * 146_097 + dayOfEra - daysFrom0000MarchTo2000)
    }

    /// Earlier days come first.
    package static func < (left: PostgresDate, right: PostgresDate) -> Bool {
        left.daysSince2000 < right.daysSince2000
    }
}
