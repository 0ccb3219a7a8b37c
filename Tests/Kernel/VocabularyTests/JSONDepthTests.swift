import Testing

@testable import Vocabulary

@Suite struct `Measuring the nesting of a body` {
    static let cases: [(String, Int, Bool)] = [
        ("[[[]]]", 3, false), ("[[[]]]", 2, true), ("{\"a\":{\"b\":[]}}", 3, false), ("{\"a\":{\"b\":[]}}", 2, true), ("1", 0, false), ("", 0, false),
        // Brackets inside strings do not count, whatever is escaped there.
        ("[\"[[[[\"]", 1, false), ("[\"\\\"[[[[\"]", 1, false), ("[\"\\\\\",[]]", 1, true), ("[\"\\\\\",[]]", 2, false),
        ("{\"{{{\":\"}}}\"}", 1, false),
        // Siblings do not add up.
        ("[[],[],[]]", 2, false),
        // What is not JSON is not judged, and closing too often buys no credit beyond what is open.
        ("[[[", 2, true), ("[[[", 3, false), ("]]][[[", 2, true),
    ]

    @Test(arguments: cases) func `counts what is open`(text: String, limit: Int, exceeds: Bool) {
        #expect(jsonNestingExceeds(limit, in: Array(text.utf8)) == exceeds)
    }

    @Test func `agrees with the reader at its limit`() {
        let deepest = Array((String(repeating: "[", count: Limits.jsonDepth) + String(repeating: "]", count: Limits.jsonDepth)).utf8)
        #expect(!jsonNestingExceeds(Limits.jsonDepth, in: deepest))
        #expect(throws: Never.self) { try JSONValue(parsing: deepest) }
        let deeper = [UInt8(ascii: "[")] + deepest + [UInt8(ascii: "]")]
        #expect(jsonNestingExceeds(Limits.jsonDepth, in: deeper))
        #expect(throws: JSONError(reason: .tooDeep, offset: Limits.jsonDepth)) { try JSONValue(parsing: deeper) }
    }
}
