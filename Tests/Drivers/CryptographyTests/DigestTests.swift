import Testing

@testable import Cryptography

@Suite struct `SHA-256 and its keyed code` {
    /// Source: FIPS 180-4 examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func `a message has its published digest`(message: String, digest: String) {
        #expect(SHA256.hash(message).hex == digest)
    }

    @Test func `an array, a slice and a text of the same bytes have one digest`() {
        let bytes = Array("--abc".utf8)
        #expect(SHA256.hash(bytes[2...]) == SHA256.hash("abc"))
        #expect(SHA256.hash(Array(bytes[2...])) == SHA256.hash("abc"))
    }

    struct KnownCode: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        let code: String
    }

    /// Source: RFC 4231, test cases 1, 2, 3, 6 and 7.
    static let knownCodes = [
        KnownCode(
            key: .init(repeating: 0x0B, count: 20), message: .init("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        KnownCode(
            key: .init("Jefe".utf8), message: .init("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        KnownCode(
            key: .init(repeating: 0xAA, count: 20), message: .init(repeating: 0xDD, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        KnownCode(
            key: .init(repeating: 0xAA, count: 131), message: .init("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        KnownCode(
            key: .init(repeating: 0xAA, count: 131),
            message: .init(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]

    @Test(arguments: knownCodes)
    func `a message has its published code`(known: KnownCode) {
        #expect(Hex.encode(HMACSHA256.code(of: known.message, key: SymmetricKey(known.key))) == known.code)
    }

    @Test func `an empty message under an empty key has a code`() {
        let code = HMACSHA256.code(of: "", key: SymmetricKey(""))
        #expect(Hex.encode(code) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `a code is valid for its own message and key only`() {
        let key = SymmetricKey("key")
        let code = HMACSHA256.code(of: "message", key: key)
        #expect(HMACSHA256.isValid(code, of: "message", key: key))
        #expect(!HMACSHA256.isValid(code, of: "massage", key: key))
        #expect(!HMACSHA256.isValid(code, of: "message", key: SymmetricKey("kez")))
        #expect(!HMACSHA256.isValid(Array(code.dropLast()), of: "message", key: key))
        #expect(!HMACSHA256.isValid([], of: "message", key: key))
    }
}
