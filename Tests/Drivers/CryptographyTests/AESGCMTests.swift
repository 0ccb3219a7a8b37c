import Testing

@testable import Cryptography

@Suite struct `Sealing with AES-256-GCM` {
    struct KnownAnswer: Sendable {
        let key: String
        let nonce: String
        let plaintext: String
        let associatedData: String
        let ciphertext: String
        let tag: String
    }

    /// Source: McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16.
    static let knownAnswers = [
        KnownAnswer(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12), plaintext: "", associatedData: "",
            ciphertext: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        KnownAnswer(
            key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            plaintext: String(repeating: "00", count: 16), associatedData: "",
            ciphertext: "cea7403d4d606b6e074ec5d3baf39d18", tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        KnownAnswer(
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            associatedData: "",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        KnownAnswer(
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            associatedData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    @Test(arguments: knownAnswers)
    func `a record is sealed to its published form and opens again`(known: KnownAnswer) throws {
        let key = SymmetricKey(try #require(Hex.decode(known.key)))
        let plaintext = try #require(Hex.decode(known.plaintext))
        let associatedData = try #require(Hex.decode(known.associatedData))
        let nonce = try #require(Hex.decode(known.nonce))
        let sealed = try AESGCM.seal(plaintext, key: key, associatedData: associatedData, nonce: nonce)
        #expect(Hex.encode(sealed) == known.nonce + known.ciphertext + known.tag)
        #expect(try AESGCM.open(sealed, key: key, associatedData: associatedData) == plaintext)
    }

    private let key = SymmetricKey(RandomBytes.make(count: AESGCM.keyByteCount))
    private let place = Array("tenant/name".utf8)
    private let secret = Array("a secret".utf8)

    @Test func `every changed bit is noticed`() throws {
        let sealed = try AESGCM.seal(secret, key: key, associatedData: place)
        for bit in 0..<(8 * sealed.count) {
            var changed = sealed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CryptographyError.authenticationFailed) { try AESGCM.open(changed, key: key, associatedData: place) }
        }
    }

    @Test func `a record moved to another place does not open`() throws {
        let sealed = try AESGCM.seal(secret, key: key, associatedData: place)
        #expect(throws: CryptographyError.authenticationFailed) {
            try AESGCM.open(sealed, key: key, associatedData: Array("other/name".utf8))
        }
    }

    @Test func `another key does not open it`() throws {
        let sealed = try AESGCM.seal(secret, key: key, associatedData: place)
        let other = SymmetricKey(RandomBytes.make(count: AESGCM.keyByteCount))
        #expect(throws: CryptographyError.authenticationFailed) { try AESGCM.open(sealed, key: other, associatedData: place) }
    }

    @Test func `the same secret is never sealed to the same bytes`() throws {
        let first = try AESGCM.seal(secret, key: key, associatedData: place)
        let second = try AESGCM.seal(secret, key: key, associatedData: place)
        #expect(first != second)
    }

    @Test func `a truncated record is refused`() {
        #expect(throws: CryptographyError.truncated) {
            try AESGCM.open([UInt8](repeating: 0, count: 27), key: key, associatedData: place)
        }
    }

    @Test(arguments: [0, 16, 31, 33])
    func `a key of another length is refused`(byteCount: Int) {
        let key = SymmetricKey(RandomBytes.make(count: byteCount))
        #expect(throws: CryptographyError.invalidKeyLength(byteCount)) { try AESGCM.seal(secret, key: key, associatedData: place) }
        #expect(throws: CryptographyError.invalidKeyLength(byteCount)) {
            try AESGCM.open([UInt8](repeating: 0, count: 64), key: key, associatedData: place)
        }
    }
}
