import Testing

@testable import Vocabulary

/// Source of the rules: RFC 8259.
@Suite struct `Reading JSON` {
    static let accepted: [(String, JSONValue)] = [
        ("null", .null), ("true", true), ("false", false), ("0", 0), ("-0", 0), ("7", 7), ("\"\"", ""), ("[]", []), ("{}", [:]),
        (" \t\r\n[ 1 , 2 ]\n", [1, 2]), ("{ \"a\" : { \"b\" : [ ] } }", ["a": ["b": []]]), ("[null,true,\"x\"]", [.null, true, "x"]),
        ("1.5", .double(1.5)), ("-1.5e3", -1500), ("1E+2", 100), ("1e-2", .double(0.01)), ("[0.0]", [0]),
        ("1e400", .number(JSONNumber(text: "1e400"))),
        ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"), ("\"\\u0041\\u00e9\\u20AC\"", "Aé€"), ("\"\u{7f}\"", "\u{7f}"),
        ("\"é€😀\"", "é€😀"), ("{\"\":1}", ["": 1]),
    ]

    @Test(arguments: accepted) func `takes what RFC 8259 allows`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    static let refused: [(String, JSONError.Reason, Int)] = [
        ("", .empty, 0), (" \n", .empty, 2),
        ("[1,]", .unexpected, 3), ("{\"a\":1,}", .unexpected, 7), ("[,1]", .unexpected, 1), ("[1 2]", .unexpected, 3), ("{a:1}", .unexpected, 1),
        ("{\"a\" 1}", .unexpected, 5), ("{\"a\":}", .unexpected, 5), ("{'a':1}", .unexpected, 1), ("{1:1}", .unexpected, 1), ("]", .unexpected, 0),
        ("+1", .unexpected, 0), (".5", .unexpected, 0), ("NaN", .unexpected, 0), ("Infinity", .unexpected, 0), ("True", .unexpected, 0),
        ("truE", .unexpected, 0), ("undefined", .unexpected, 0), ("// x\n1", .unexpected, 0), ("\u{feff}1", .unexpected, 0),
        ("\u{a0}1", .unexpected, 0),
        ("01", .trailing, 1), ("-01", .trailing, 2), ("0x10", .trailing, 1), ("1 2", .trailing, 2), ("{}{}", .trailing, 2), ("null,", .trailing, 4),
        ("1_000", .trailing, 1), ("\"a\"b", .trailing, 3),
        ("-", .badNumber, 1), ("1.", .badNumber, 2), ("1.e5", .badNumber, 2), ("1e", .badNumber, 2), ("1e+", .badNumber, 3), ("-a", .badNumber, 1),
        ("[-]", .badNumber, 2),
        ("[", .unterminated, 1), ("[1", .unterminated, 2), ("[1,", .unterminated, 3), ("{", .unterminated, 1), ("{\"a\"", .unterminated, 4),
        ("{\"a\":", .unterminated, 5), ("{\"a\":1", .unterminated, 6), ("{\"a\":1,", .unterminated, 7), ("\"a", .unterminated, 2),
        ("\"a\\", .unterminated, 3), ("\"\\u00", .unterminated, 3), ("tru", .unterminated, 0), ("\"\\ud800\\u00\"", .unterminated, 9),
        ("\"\n\"", .badString, 2), ("\"a\tb\"", .badString, 3), ("\"\0\"", .badString, 2), ("\"\\x\"", .badString, 3), ("\"\\u00g0\"", .badString, 3),
        ("\"\\U0041\"", .badString, 3),
    ]

    @Test(arguments: refused) func `refuses what RFC 8259 does not allow, and says where`(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(reason: reason, offset: offset)) { try JSONValue(parsing: text) }
    }

    static let surrogates: [(String, String)] = [
        ("\\ud83d\\ude00", "😀"), ("\\uD83D\\uDE00", "😀"), ("\\udbff\\udfff", "\u{10ffff}"), ("\\ud800\\udc00", "\u{10000}"),
        ("\\ud800", "\u{fffd}"), ("\\udc00", "\u{fffd}"), ("\\ud800x", "\u{fffd}x"), ("\\ud800\\n", "\u{fffd}\n"), ("\\ud800\\u0041", "\u{fffd}A"),
        ("\\udc00\\ud800", "\u{fffd}\u{fffd}"), ("\\ud800\\ud83d\\ude00", "\u{fffd}😀"), ("\\uffff", "\u{ffff}"), ("\\ufffe", "\u{fffe}"),
    ]

    @Test(arguments: surrogates) func `joins surrogate pairs and replaces lone halves`(escaped: String, text: String) throws {
        #expect(try JSONValue(parsing: "\"\(escaped)\"") == .string(text))
        #expect(try JSONValue(parsing: "{\"\(escaped)\":1}").object?.members.first?.name == text)
    }

    @Test func `takes an escaped NUL and keeps it`() throws {
        let value = try JSONValue(parsing: "\"a\\u0000b\"")
        #expect(value == "a\0b")
        #expect(value.text == "\"a\\u0000b\"")
    }

    static let badUTF8: [[UInt8]] = [
        [0x80], [0xff], [0xc3], [0xc0, 0x80], [0xc1, 0xbf], [0xe2, 0x82], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
        [0xf8, 0x88, 0x80, 0x80, 0x80],
    ]

    @Test(arguments: badUTF8) func `refuses bytes that are not UTF-8`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        for document in [[quote] + bytes + [quote], [quote] + Array("\\n".utf8) + bytes + [quote]] {
            #expect { try JSONValue(parsing: document) } throws: { ($0 as? JSONError)?.reason == .notUTF8 }
        }
        #expect { try JSONValue(parsing: bytes) } throws: { ($0 as? JSONError)?.reason == .unexpected }
    }

    @Test func `bounds nesting before it recurses`() {
        let hostile = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: JSONError(reason: .tooDeep, offset: 3)) { try JSONValue(parsing: hostile, depth: 3) }
        #expect(throws: JSONError(reason: .tooDeep, offset: 5)) { try JSONValue(parsing: Array("{\"a\":{}}".utf8), depth: 1) }
        #expect(throws: Never.self) { try JSONValue(parsing: Array("[[[]],[[]]]".utf8), depth: 3) }
    }

    @Test func `counts the last of duplicate names`() throws {
        let value = try JSONValue(parsing: "{\"a\":1,\"b\":2,\"a\":3}")
        #expect(value["a"] == 3)
        #expect(value == ["b": 2, "a": 3])
        #expect(Set([value, ["a": 3, "b": 2]]).count == 1)
    }

    @Test func `keeps every digit of a number`() throws {
        let digits = "123456789012345678901234567890.000000000000000000000000000001"
        #expect(try JSONValue(parsing: digits).text == digits)
        #expect(try JSONValue(parsing: "[9007199254740993]").text == "[9007199254740993]")
    }

    @Test func `says what is wrong in words and where`() {
        #expect(JSONError(reason: .trailing, offset: 7).description == "text after the end of the document at byte 7")
    }
}

@Suite struct `The parts of a JSON value` {
    @Test func `are found by name, kind and nothing else`() throws {
        let value = try JSONValue(parsing: "{\"s\":\"x\",\"n\":12,\"f\":1.5,\"b\":true,\"l\":[1],\"z\":null}")
        #expect(value["s"]?.string == "x" && value["s"]?.integer == nil)
        #expect(value["n"]?.integer == 12 && value["n"]?.double == 12)
        #expect(value["f"]?.integer == nil && value["f"]?.double == 1.5)
        #expect(value["b"]?.bool == true && value["l"]?.array == [1] && value["z"]?.isNull == true)
        #expect(value["missing"] == nil && value["s"]?["x"] == nil)
        #expect(value.object?.members.map(\.value.typeName) == ["string", "number", "number", "boolean", "array", "null"])
    }

    @Test func `an integer beyond 64 bits is a number and no integer`() throws {
        #expect(try JSONValue(parsing: "9223372036854775807").integer == Int.max)
        #expect(try JSONValue(parsing: "9223372036854775808").integer == nil)
    }

    @Test func `a member is replaced, appended and removed by name`() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        object["a"] = 4
        #expect(object.members.map(\.name) == ["b", "a"])
        object["b"] = nil
        #expect(object == ["a": 4])
    }

    @Test func `a number that is not finite has no JSON form and becomes null`() {
        #expect(JSONValue.double(.nan) == .null)
        #expect(JSONValue.double(-.infinity) == .null)
    }
}
