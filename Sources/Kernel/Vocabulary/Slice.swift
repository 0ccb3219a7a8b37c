/// A hash range of tenants: the unit of order, ownership and checkpoint in the log.
package struct Slice: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// How many slices there are; fixed at installation, since every stored row carries its slice.
    package static let count = 256

    /// 0 ..< 256.
    package let number: Int16

    package init?(number: Int16) {
        guard (0..<Int16(Slice.count)).contains(number) else { return nil }
        self.number = number
    }

    /// The slice of a tenant: FNV-1a over the id's 16 bytes, folded to eight bits. Source: RFC 9923.
    package init(of tenant: TenantID) {
        var hash: UInt32 = 2_166_136_261
        for shift in stride(from: 120, through: 0, by: -8) {
            hash = (hash ^ UInt32(UInt8(truncatingIfNeeded: tenant.bits >> UInt128(shift)))) &* 16_777_619
        }
        number = Int16((hash ^ hash >> 8 ^ hash >> 16 ^ hash >> 24) & 0xff)
    }

    package static let all: [Slice] = (0..<Int16(count)).compactMap(Slice.init(number:))

    package static func < (left: Slice, right: Slice) -> Bool { left.number < right.number }
    package var description: String { String(number) }
}

/// A place in the log: dense from 1 within its slice.
package struct LogPosition: Hashable, Sendable, CustomStringConvertible {
    package let slice: Slice
    package let position: Int64

    package init(slice: Slice, position: Int64) {
        self.slice = slice
        self.position = position
    }

    /// Reads what `description` writes, `12:345`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int16(parts[0]), let slice = Slice(number: number), let position = Int64(parts[1]), position >= 0 else {
            return nil
        }
        self.init(slice: slice, position: position)
    }

    package var description: String { "\(slice):\(position)" }
}

/// A place in one stream: 0 before its first event, then 1, 2, 3 without a gap.
package struct StreamVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: Int32

    package init(_ number: Int32) { self.number = number }

    package static let none = StreamVersion(0)
    package static func < (left: StreamVersion, right: StreamVersion) -> Bool { left.number < right.number }
    package static func + (version: StreamVersion, count: Int) -> StreamVersion { StreamVersion(version.number + Int32(count)) }
    package var description: String { String(number) }
}

/// The partition a stream lives in: one for streams that last, one a month for runs and received events.
///
/// It is a function of the stream, so that uniqueness inside a partition is uniqueness of the stream.
package enum Era: Hashable, Sendable {
    case lasting
    /// The first day of the month in which the stream began.
    case month(CalendarDay)

    /// The month of a time-ordered id.
    package static func month<Subject>(of id: Identifier<Subject>) -> Era {
        .month(Timestamp(milliseconds: id.milliseconds).day.firstOfMonth())
    }
}
