import Testing
import Vocabulary

@Suite struct `A timestamp` {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000000Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-03-01T09:30:00.123456Z", 1_772_357_400_123_456), ("2000-02-29T23:59:59.000000Z", 951_868_799_000_000),
        ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ])
    func `is written and read with six decimals`(text: String, microseconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text) == Timestamp(microseconds: microseconds))
    }

    @Test(arguments: [
        ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000000Z"), ("2026-03-01t09:30:00z", "2026-03-01T09:30:00.000000Z"),
        ("2026-03-01 09:30:00Z", "2026-03-01T09:30:00.000000Z"), ("2026-03-01T09:30:00.5Z", "2026-03-01T09:30:00.500000Z"),
        ("2026-03-01T09:30:00.1234569Z", "2026-03-01T09:30:00.123456Z"), ("2026-03-01T01:30:00+02:00", "2026-02-28T23:30:00.000000Z"),
        ("2026-12-31T23:30:00-00:45", "2027-01-01T00:15:00.000000Z"), ("2026-03-01T09:30:00-00:00", "2026-03-01T09:30:00.000000Z"),
    ])
    func `is read from every lawful spelling`(text: String, canonical: String) {
        #expect(Timestamp(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "2026-03-01", "2026-03-01T09:30:00", "2026-03-01T09:30Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T23:60:00Z", "2026-03-01T23:59:60Z",
        "2026-03-01T09:30:00.Z", "2026-03-01T09:30:00+0200", "2026-03-01T09:30:00+24:00", "2026-03-01T09:30:00+02:60", "2026-03-01T09:30:00ZZ",
        "+026-03-01T09:30:00Z", "2026-3-01T09:30:00Z", "2026-03-01T9:30:00Z", "２026-03-01T09:30:00Z",
    ])
    func `is not read from other text`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `comes back from its text between the years 0 and 9999`() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<500 {
            let time = Timestamp(microseconds: Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random))
            #expect(Timestamp(time.description) == time)
        }
    }

    @Test func `rounds down before 1970 too`() {
        #expect(Timestamp(microseconds: -1).milliseconds == -1)
        #expect(Timestamp(microseconds: -1000).milliseconds == -1)
        #expect(Timestamp(microseconds: -1).seconds == -1)
        #expect(Timestamp(microseconds: 1999).milliseconds == 1)
    }

    @Test func `moves by a duration and differs by one`() {
        let time = Timestamp(milliseconds: 1000)
        #expect(time + .milliseconds(5) == Timestamp(milliseconds: 1005))
        #expect(time + .milliseconds(-1500) == Timestamp(milliseconds: -500))
        #expect(Timestamp(milliseconds: -500) - time == .milliseconds(-1500))
    }

    @Test func `a duration is cut to whole microseconds towards zero`() {
        #expect(Duration.nanoseconds(1999).microseconds == 1)
        #expect(Duration.nanoseconds(-1999).microseconds == -1)
        #expect(Duration.microseconds(-1999).milliseconds == -1)
        #expect(Duration.seconds(90).milliseconds == 90_000)
    }
}

@Suite struct `A calendar day` {
    @Test(arguments: [
        (1970, 1, 1, 0), (1969, 12, 31, -1), (2000, 2, 29, 11_016), (2000, 3, 1, 11_017), (1900, 3, 1, -25_508), (1900, 2, 28, -25_509),
        (2100, 2, 28, 47_540), (2100, 3, 1, 47_541), (1, 1, 1, -719_162), (0, 3, 1, -719_468), (0, 2, 29, -719_469), (9999, 12, 31, 2_932_896),
    ])
    func `counts days through leap years and centuries`(year: Int, month: Int, day: Int, days: Int64) throws {
        let date = try #require(CalendarDay(year: year, month: month, day: day))
        #expect(date.daysSince1970 == days)
        #expect(date.parts == (year, month, day))
    }

    @Test(arguments: [(2026, 2, 29), (1900, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32)])
    func `is not made of a day that the calendar lacks`(year: Int, month: Int, day: Int) {
        #expect(CalendarDay(year: year, month: month, day: day) == nil)
    }

    /// Walks 800 years day by day and counts as a person would.
    @Test func `follows the rule of leap years from 1600 to 2400`() throws {
        var (year, month, day) = (1600, 1, 1)
        let first = try #require(CalendarDay(year: 1600, month: 1, day: 1)).daysSince1970
        var wrong = 0
        for offset in 0..<Int64(2 * 146_097) {
            if CalendarDay(daysSince1970: first + offset).parts != (year, month, day) { wrong += 1 }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
            day += 1
            if day > length { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(wrong == 0)
        #expect(year == 2400)
    }

    @Test(arguments: [("2026-03-31", "2026-03-01"), ("2026-03-01", "2026-03-01"), ("2024-02-29", "2024-02-01"), ("1969-12-31", "1969-12-01")])
    func `finds the first of a month`(from: String, to: String) throws {
        let day = try #require(Timestamp("\(from)T12:00:00Z")).day
        #expect(day.firstOfMonth().description == to)
    }

    @Test func `changes at midnight, before 1970 too`() {
        #expect(Timestamp(microseconds: 86_399_999_999).day.description == "1970-01-01")
        #expect(Timestamp(microseconds: 86_400_000_000).day.description == "1970-01-02")
        #expect(Timestamp(microseconds: -86_400_000_000).day.description == "1969-12-31")
        #expect(Timestamp(microseconds: -86_400_000_001).day.description == "1969-12-30")
    }
}
