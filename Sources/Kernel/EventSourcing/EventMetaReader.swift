import Vocabulary

/// Reads the meta of an event member by member in the order in which releases write them, without a tree, since every event has one.
///
/// Knows no escapes, no spaces and no other order: who writes those is read as JSON is.
struct EventMetaReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    /// Nil for what is not written as ``EventMeta/encoded`` does, or has escapes.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> EventMeta? {
        var reader = EventMetaReader(bytes: bytes)
        return reader.meta()
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func meta() -> EventMeta? {
        guard skip(#"{"actor":{"type":""#), let kind = text().flatMap(Principal.Kind.init(rawValue:)), skip(#","id":""#), let id = text(),
            skip(#"},"correlation":""#), let correlation: CorrelationID = identifier(), skip(#","command":""#), let command: CommandID = identifier(),
            skip(#","lane":"#), let lane = digit().flatMap(Lane.init(rawValue:)), skip(#","environment":""#), let environment = text()
        else { return nil }
        var (onBehalfOf, causation): (String?, EventID?)
        if skip(#","onBehalfOf":""#) {
            onBehalfOf = text()
            if onBehalfOf == nil { return nil }
        }
        if skip(#","causation":""#) {
            causation = identifier()
            if causation == nil { return nil }
        }
        guard skip("}"), index == bytes.count else { return nil }
        return EventMeta(
            principal: Principal(kind: kind, id: id, onBehalfOf: onBehalfOf), correlation: correlation, causation: causation?.bits, command: command,
            lane: lane, environment: EnvironmentName(environment))
    }

    private mutating func skip(_ literal: StaticString) -> Bool {
        let end = index + literal.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for place in index..<end where bytes[place] != literal.utf8Start[place - index] { return false }
        index = end
        return true
    }

    /// The rest of a string, and its quotation mark.
    private mutating func text() -> String? {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            guard bytes[index] != UInt8(ascii: "\\"), bytes[index] >= 0x20 else { return nil }
            index += 1
        }
        guard index < bytes.count else { return nil }
        defer { index += 1 }
        return String(validating: bytes[start..<index], as: UTF8.self)
    }

    private mutating func identifier<S>() -> Identifier<S>? {
        let (start, length) = (index, 36)
        guard start + length < bytes.count, bytes[start + length] == UInt8(ascii: "\"") else { return nil }
        index = start + length + 1
        return Identifier(characters: UnsafeBufferPointer(rebasing: bytes[start..<start + length]))
    }

    private mutating func digit() -> Int16? {
        guard index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
        defer { index += 1 }
        return Int16(bytes[index] - UInt8(ascii: "0"))
    }
}
