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

    @Test func `random numbers differ from each other, beyond one stock of them and for callers at once`() async {
        let numbers = RandomNumbers()
        let drawn = await withTaskGroup(of: [UInt128].self) { group in
            for _ in 0..<4 { group.addTask { (0..<1000).map { _ in numbers.next() } } }
            return await group.reduce(into: Set<UInt128>()) { $0.formUnion($1) }
        }
        #expect(drawn.count == 4000)
        // Each bit is set in some and not in others.
        #expect(drawn.reduce(0) { $0 | $1 } == .max)
        #expect(drawn.reduce(.max) { $0 & $1 } == 0)
    }

    @Test(arguments: [([UInt8](), [UInt8](), true), ([1, 2], [1, 2], true), ([1, 2], [1, 3], false), ([1], [1, 2], false), ([], [0], false)])
    func `a constant-time comparison agrees with equality`(left: [UInt8], right: [UInt8], equal: Bool) {
        #expect(constantTimeEquals(left, right) == equal)
    }
}
