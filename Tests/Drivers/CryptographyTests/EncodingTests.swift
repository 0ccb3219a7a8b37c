import Testing

@testable import Cryptography

@Suite struct `Base64 and hexadecimal text` {
    /// Source: RFC 4648, section 10.
    static let published = [
        ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"), ("foob", "Zm9vYg==", "666f6f62"),
        ("fooba", "Zm9vYmE=", "666f6f6261"), ("foobar", "Zm9vYmFy", "666f6f626172"),
    ]

    @Test(arguments: published)
    func `a text has its published forms`(text: String, base64: String, hex: String) {
        let bytes = Array(text.utf8)
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.encode(bytes, .url) == base64.replacing("=", with: ""))
        #expect(Hex.encode(bytes) == hex)
    }

    @Test(arguments: published)
    func `a published form decodes to its text`(text: String, base64: String, hex: String) {
        let bytes = Array(text.utf8)
        #expect(Base64.decode(base64) == bytes)
        #expect(Base64.decode(base64.replacing("=", with: ""), .url) == bytes)
        #expect(Hex.decode(hex) == bytes)
        #expect(Hex.decode(hex.uppercased()) == bytes)
    }

    @Test func `all byte values survive both alphabets`() {
        let bytes = (0...255).map(UInt8.init)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.decode(Base64.encode(bytes, .url), .url) == bytes)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm-v", "Zm_v", "Z=m9", "Zg==Zg==", "Zmé="])
    func `a loose standard text is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Z", "Zh", "Zm+v", "Zm/v", "Zm9v "])
    func `a loose url text is refused`(text: String) {
        #expect(Base64.decode(text, .url) == nil)
    }

    @Test(arguments: ["6", "666", "6g", "0x66", " 66", "66 ", "é"])
    func `a loose hexadecimal text is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
