import PostgresDriver
import Vocabulary

extension String {
    /// The text as a Postgres `text` can hold it: customers' errors and payloads may hold NUL, and one of them must not stop a view.
    var storable: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.value == 0 ? "\u{fffd}" : $0 }))
    }
}

extension PostgresValue {
    static func id<S>(_ id: Identifier<S>) -> PostgresValue { .uuid(id.bits) }
    static func id<S>(_ id: Identifier<S>?) -> PostgresValue { .optional(id?.bits, PostgresValue.uuid) }
    static func time(_ time: Timestamp) -> PostgresValue { .timestamp(microsecondsSince1970: time.microseconds) }
    static func safeText(_ text: String) -> PostgresValue { .text(text.storable) }
    static func utf8(_ text: String) -> PostgresValue { .bytes(Array(text.utf8)) }
    static func json(_ value: JSONValue) -> PostgresValue { .bytes(value.encoded) }
    static func int(_ number: Int) -> PostgresValue { .int4(Int32(clamping: number)) }

    static func ids<S>(_ ids: [Identifier<S>]) -> PostgresValue { .uuids(ids.map(\.bits)) }
    static func ids<S>(_ ids: [Identifier<S>?]) -> PostgresValue { .optionalUUIDs(ids.map { $0?.bits }) }
    static func times(_ times: [Timestamp]) -> PostgresValue { .timestamps(times.map(\.microseconds)) }
    static func times(_ times: [Timestamp?]) -> PostgresValue { .optionalTimestamps(times.map { $0?.microseconds }) }
    static func safeTexts(_ texts: [String]) -> PostgresValue { .texts(texts.map(\.storable)) }
    static func safeTexts(_ texts: [String?]) -> PostgresValue { .optionalTexts(texts.map { $0?.storable }) }
    static func ints(_ numbers: [Int]) -> PostgresValue { .int4s(numbers.map { Int32(clamping: $0) }) }
    static func slices(_ positions: [LogPosition]) -> PostgresValue { .int2s(positions.map(\.slice.number)) }
    static func positions(_ positions: [LogPosition]) -> PostgresValue { .int8s(positions.map(\.position)) }
}

extension PostgresRow {
    func id<S>(_ column: Int, _: S.Type = S.self) throws(PostgresError) -> Identifier<S> { Identifier(bits: try uuid(column)) }
    func optionalID<S>(_ column: Int, _: S.Type = S.self) throws(PostgresError) -> Identifier<S>? {
        try optionalUUID(column).map(Identifier.init(bits:))
    }
    func time(_ column: Int) throws(PostgresError) -> Timestamp { Timestamp(microseconds: try timestamp(column)) }
    func optionalTime(_ column: Int) throws(PostgresError) -> Timestamp? { try optionalTimestamp(column).map(Timestamp.init(microseconds:)) }
    func int(_ column: Int) throws(PostgresError) -> Int { Int(try int4(column)) }
    func optionalInt(_ column: Int) throws(PostgresError) -> Int? { try optionalInt4(column).map(Int.init) }
    func utf8(_ column: Int) throws(PostgresError) -> String { String(decoding: try bytes(column), as: UTF8.self) }
    func document(_ column: Int) throws(PostgresError) -> JSONValue { JSONValue(document: try bytes(column)) }
    func optionalDocument(_ column: Int) throws(PostgresError) -> JSONValue? { try optionalBytes(column).map(JSONValue.init(document:)) }
    /// A name that we wrote ourselves; another one means that a newer release wrote the row.
    func choice<C: RawRepresentable>(_ column: Int, _: C.Type = C.self) throws(PostgresError) -> C where C.RawValue == String {
        guard let choice = C(rawValue: try text(column)) else { throw PostgresError(.decoding(column: column), reason: "the name is not known") }
        return choice
    }
}
