import Cryptography
package import Vocabulary

/// Which part of a list is wanted, newest first.
package struct PageRequest: Hashable, Sendable {
    /// Rows of a page when the caller does not say.
    package static let defaultLimit = 50

    let limit: Int
    let start: PageCursor?

    /// `limit` is brought into 1 ... `Limits.pageRows`; throws for a cursor that no page has given out.
    package init(limit: Int? = nil, cursor: String? = nil) throws(InvalidCursor) {
        self.limit = min(max(limit ?? Self.defaultLimit, 1), Limits.pageRows)
        let start = cursor.flatMap { PageCursor($0) }
        guard (start == nil) == (cursor == nil) else { throw InvalidCursor() }
        self.start = start
    }
}

/// The text given as a cursor is none.
package struct InvalidCursor: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String { "the cursor is not one that a page has given as nextCursor; begin without a cursor" }
}

/// One page of a list, newest first.
package struct Page<Row: ReadModelRow>: Sendable {
    package let rows: [Row]
    /// Where the next page begins; nil on the last one.
    package let nextCursor: String?

    /// `found` may have one row more than the page: its presence says that there is more.
    init(_ found: [Row], limit: Int) {
        rows = Array(found.prefix(limit))
        nextCursor = found.count > limit ? rows.last?.cursor.text : nil
    }

    /// `{data, page: {nextCursor, hasMore}}`.
    package var json: JSONValue {
        ["data": .array(rows.map(\.json)), "page": ["nextCursor": .optional(nextCursor), "hasMore": .bool(nextCursor != nil)]]
    }
}

/// A row of a list: the place it has in the list's order, and how it is shown.
package protocol ReadModelRow: Sendable {
    var json: JSONValue { get }
    /// When it came about.
    var createdAt: Timestamp { get }
    /// Tells rows of one instant apart.
    var cursorID: UInt128 { get }
}

extension ReadModelRow {
    var cursor: PageCursor { PageCursor(time: createdAt, id: cursorID) }
}

/// The place of a row in a list ordered by time and id: stable while rows are added, which an offset is not.
struct PageCursor: Hashable, Sendable, Comparable {
    let time: Timestamp
    let id: UInt128

    static func < (left: PageCursor, right: PageCursor) -> Bool { (left.time, left.id) < (right.time, right.id) }

    init(time: Timestamp, id: UInt128) {
        self.time = time
        self.id = id
    }

    /// Reads what `text` wrote; nil for anything else.
    init?(_ text: String) {
        guard let bytes = Base64.decode(text, .url), bytes.count == 24 else { return nil }
        let time = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.time = Timestamp(microseconds: Int64(bitPattern: time))
        id = bytes[8...].reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Microseconds and id, big-endian, in the URL-safe alphabet of base64.
    var text: String {
        let time = UInt64(bitPattern: time.microseconds)
        let bytes = stride(from: UInt64(56), through: 0, by: -8).map { UInt8(truncatingIfNeeded: time >> $0) }
        return Base64.encode(bytes + stride(from: UInt128(120), through: 0, by: -8).map { UInt8(truncatingIfNeeded: id >> $0) }, .url)
    }
}
