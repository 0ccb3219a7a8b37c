import Testing

@testable import Cryptography

@Suite struct `Keeping secrets` {
    @Test func `a key never shows its bytes`() {
        let key = SymmetricKey("hunter2")
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"))
        }
        #expect("\(key)" == "SymmetricKey(7 bytes, redacted)")
    }

    @Test func `random bytes differ from draw to draw`() {
        #expect(RandomBytes.make(count: 32) != RandomBytes.make(count: 32))
        #expect(RandomBytes.make(count: 0).isEmpty)
    }

    @Test(arguments: [([UInt8](), [UInt8](), true), ([1, 2], [1, 2], true), ([1, 2], [1, 3], false), ([1], [1, 2], false), ([], [0], false)])
    func `a constant-time comparison agrees with equality`(left: [UInt8], right: [UInt8], equal: Bool) {
        #expect(constantTimeEquals(left, right) == equal)
    }
}
