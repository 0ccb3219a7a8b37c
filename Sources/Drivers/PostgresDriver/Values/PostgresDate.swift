/// A calendar day as Postgres keeps it, or one of its two infinities.
///
/// Source: PostgreSQL manual, "Date/Time Types"; the binary form counts days from 2000-01-01.
package struct PostgresDate: Hashable, Sendable, Comparable {
    /// Days since 2000-01-01; `Int32.min` and `Int32.max` are the infinities.
    package let daysSince2000: Int32

    /// Earlier than every day.
    package static let negativeInfinity = PostgresDate(daysSince2000: .min)

    /// The day this many days after 2000-01-01.
    package init(daysSince2000: Int32) {
        self.daysSince2000 = daysSince2000
    }

    /// Earlier days come first.
    package static func < (left: PostgresDate, right: PostgresDate) -> Bool {
        left.daysSince2000 < right.daysSince2000
    }
}
