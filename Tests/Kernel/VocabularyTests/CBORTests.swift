import Testing

@testable import Vocabulary

@Suite struct `States as bytes` {
    private struct Sample: Codable, Hashable {
        enum Kind: Codable, Hashable {
            case plain
            case named(String, weight: Double?)
            case nested([Kind])
        }

        var numbers: [Int: UInt64] = [:]
        var names: [RunID: Kind] = [:]
        var bytes: [UInt8]?
        var time: Timestamp?
        var took: Duration?
        var document: JSONValue?
        var small: [Int8] = []
    }

    private static func sample(_ random: inout SplitMix64) -> Sample {
        func kind(_ depth: Int, _ random: inout SplitMix64) -> Sample.Kind {
            switch random.next() % (depth > 3 ? 2 : 3) {
            case 0: .plain
            case 1: .named("ü\u{0}\(random.next())", weight: random.next() % 2 == 0 ? nil : Double(random.next() % 1000) / 7)
            default: .nested((0..<random.next() % 4).map { _ in kind(depth + 1, &random) })
            }
        }
        var sample = Sample()
        for _ in 0..<random.next() % 30 {
            sample.numbers[Int(truncatingIfNeeded: random.next())] = random.next() >> (random.next() % 64)
            sample.names[RunID(bits: random.next128())] = kind(0, &random)
            sample.small.append(Int8(truncatingIfNeeded: random.next()))
        }
        sample.bytes = random.next() % 3 == 0 ? nil : (0..<random.next() % 300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        sample.time = Timestamp(microseconds: Int64(truncatingIfNeeded: random.next()))
        sample.took = .microseconds(Int64(truncatingIfNeeded: random.next() >> 20))
        sample.document = ["b": [1, .double(2.5), .null], "a": "\u{2028}"]
        return sample
    }

    @Test func `come back as they were`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let sample = Self.sample(&random)
            let bytes = try CBOR.encode(sample)
            #expect(try CBOR.decode(Sample.self, from: bytes) == sample, "seed \(seed)")
        }
    }

    @Test func `are equal for equal values, in whatever order these were put together`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let sample = Self.sample(&random)
            var other = sample
            (other.numbers, other.names) = ([:], [:])
            for (key, value) in sample.numbers.shuffled(using: &random) { other.numbers[key] = value }
            for (key, value) in sample.names.shuffled(using: &random) { other.names[key] = value }
            #expect(try CBOR.encode(other) == CBOR.encode(sample), "seed \(seed)")
        }
    }

    /// Source: RFC 8949 appendix A.
    @Test(arguments: [
        (CBORValue.unsigned(23), [0x17]), (.unsigned(24), [0x18, 0x18]), (.unsigned(1000), [0x19, 0x03, 0xe8]),
        (.unsigned(1_000_000), [0x1a, 0x00, 0x0f, 0x42, 0x40]),
        (.unsigned(18_446_744_073_709_551_615), [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        (.negative(999), [0x39, 0x03, 0xe7]), (.double(1.1), [0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]), (.null, [0xf6]),
        (.bytes([1, 2, 3, 4]), [0x44, 1, 2, 3, 4]), (.text("水"), [0x63, 0xe6, 0xb0, 0xb4]),
        (.array([.unsigned(1), .array([.unsigned(2), .bool(true)])]), [0x82, 0x01, 0x82, 0x02, 0xf5]),
        (.map([CBORMember(name: "a", value: .unsigned(1)), CBORMember(name: "b", value: .bool(false))]), [0xa2, 0x61, 0x61, 1, 0x61, 0x62, 0xf4]),
    ] as [(CBORValue, [UInt8])])
    func `have the form that the standard gives them`(_ item: CBORValue, _ bytes: [UInt8]) throws {
        #expect(item.encoded == bytes)
        #expect(try CBORValue(parsing: bytes) == item)
    }

    @Test func `that are cut short or changed are refused or are another value, and never crash`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let sample = Self.sample(&random)
        let bytes = try CBOR.encode(sample)
        for count in 0..<bytes.count { #expect(throws: (any Error).self) { try CBOR.decode(Sample.self, from: Array(bytes.prefix(count))) } }
        #expect(throws: CBORError(offset: bytes.count)) { try CBOR.decode(Sample.self, from: bytes + [0]) }
        for _ in 0..<2000 {
            var damaged = bytes
            for _ in 0..<4 { damaged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            // Most are refused (try?); the others must be written as they were read.
            guard let found = try? CBORValue(parsing: damaged) else { continue }
            #expect(try CBORValue(parsing: found.encoded) == found || damaged.contains(0xfb), "seed \(seed)")
        }
    }

    @Test func `tell where two of them differ first`() throws {
        var random = SplitMix64(seed: 7)
        var (left, right) = (Self.sample(&random), Self.sample(&random))
        right = left
        let id = RunID(bits: 7)
        left.names[id] = .nested([.plain, .named("a", weight: 1)])
        right.names[id] = .nested([.plain, .named("b", weight: 1)])
        let difference = try CBORValue(parsing: CBOR.encode(left)).difference(from: CBORValue(parsing: CBOR.encode(right)))
        #expect(difference == "/names/\(id)/nested/_0/1/named/_0")
        #expect(try CBORValue(parsing: CBOR.encode(left)).difference(from: CBORValue(parsing: CBOR.encode(left))) == nil)
    }
}
