import Testing
import Vocabulary

@Suite struct `Writing JSON` {
    @Test func `is compact and keeps the order of members`() throws {
        let value: JSONValue = ["b": [1, .null, true], "a": ["x": "y"], "e": [], "o": [:]]
        #expect(value.text == "{\"b\":[1,null,true],\"a\":{\"x\":\"y\"},\"e\":[],\"o\":{}}")
    }

    @Test(arguments: [
        ("\"", "\\\""), ("\\", "\\\\"), ("/", "/"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"), ("\u{8}", "\\u0008"), ("\u{c}", "\\u000c"),
        ("\0", "\\u0000"), ("\u{1f}", "\\u001f"), ("\u{7f}", "\u{7f}"), ("é€😀", "é€😀"), ("\r\n", "\\r\\n"), ("</script>", "</script>"),
    ])
    func `escapes what must be escaped and nothing else`(text: String, written: String) {
        #expect(JSONValue.string(text).text == "\"\(written)\"")
        #expect(JSONValue(dictionaryLiteral: (text, 1)).text == "{\"\(written)\":1}")
    }

    @Test(arguments: 0..<20) func `escapes one character wherever it stands in a long text, and none beside it`(place: Int) {
        let plain = String(repeating: " !#[]\u{7f}é", count: 3)
        for (character, escaped) in [("\"", "\\\""), ("\\", "\\\\"), ("\u{0}", "\\u0000"), ("\u{1f}", "\\u001f")] {
            let (before, after) = (plain.prefix(place), plain.dropFirst(place))
            #expect(JSONValue.string(before + character + after).text == "\"\(before)\(escaped)\(after)\"")
        }
        #expect(JSONValue.string(plain).text == "\"\(plain)\"")
    }

    @Test func `member by member is as an object from a tree`() {
        let id = RunID(bits: 0x0123_4567_89ab_7def_8123_4567_89ab_cdef)
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a {")
        writer.beginObject()
        writer.endObject()
        writer.name("b")
        writer.write("{")
        writer.name("c")
        writer.write(id)
        writer.endObject()
        let tree: JSONValue = ["a {": [:], "b": "{", "c": .id(id)]
        #expect(writer.bytes == tree.encoded)
    }

    @Test(arguments: [0.1, -0.0, 1e21, .leastNonzeroMagnitude, 1.7976931348623157e308, 123456789.125]) func `writes a double that reads back alike`(
        number: Double
    ) throws {
        let read = try #require(try JSONValue(parsing: JSONValue.double(number).text).double)
        #expect(read.bitPattern == number.bitPattern)
    }
}

/// Makes documents of every shape, with the texts and numbers that break readers.
struct DocumentGenerator {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func document(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth < 6 ? 8 : 5), using: &random) {
        case 0: .null
        case 1: .bool(Bool.random(using: &random))
        case 2: .number(number())
        case 3, 4: .string(text())
        case 5, 6: .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in document(depth: depth + 1) })
        default: .object(JSONObject((0..<Int.random(in: 0..<5, using: &random)).map { _ in (name: text(), value: document(depth: depth + 1)) }))
        }
    }

    private mutating func number() -> JSONNumber {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: JSONNumber(text: String(Int64(bitPattern: random.next())))
        case 1: JSONNumber(text: String(random.next128()))
        case 2: JSONNumber(text: "\(Double.random(in: -1e6...1e6, using: &random))")
        default: JSONNumber(text: "-0.\(random.next() % 1000)E+\(random.next() % 400)")
        }
    }

    private mutating func text() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "\"", "\\", "/", "\n", "\r", "\0", "\u{1b}", "\u{7f}", "é", "\u{301}", "€", "😀", "\u{fffd}", "\u{10ffff}", "{", "]",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<8, using: &random) { text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)]) }
        return String(text)
    }
}

@Suite struct `A generated JSON document` {
    @Test(arguments: 0..<20) func `is read back as it was written`(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<50 {
            let document = generator.document()
            let bytes = document.encoded
            let read = try JSONValue(parsing: bytes)
            #expect(read == document)
            #expect(read.encoded == bytes)
            #expect(read.hashValue == document.hashValue)
        }
    }

    /// A byte is changed, removed or doubled: whatever the reader says, it must say it without a trap.
    @Test(arguments: 0..<20) func `is refused or read again after damage, never trapped on`(seed: UInt64) throws {
        var generator = DocumentGenerator(seed: 1000 + seed)
        for _ in 0..<200 {
            var bytes = generator.document().encoded
            let place = Int.random(in: 0..<bytes.count, using: &generator.random)
            switch Int.random(in: 0..<3, using: &generator.random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator.random)
            case 1: bytes.removeSubrange(place...)
            default: bytes.insert(bytes[place], at: place)
            }
            guard let read = try? JSONValue(parsing: bytes) else { continue }  // Damage is mostly refused; the offsets are tested elsewhere.
            #expect(try JSONValue(parsing: read.encoded) == read)
        }
    }
}
