import Testing
import Vocabulary

@Suite struct `A tenant's slice` {
    /// Every stored row carries its slice, so these numbers hold for ever. They were computed apart from this code.
    @Test(arguments: [
        ("00000000-0000-0000-0000-000000000000", 28), ("ffffffff-ffff-ffff-ffff-ffffffffffff", 189), ("00000000-0000-0000-0000-000000000001", 100),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 36), ("01234567-89ab-cdef-0123-456789abcdef", 166), ("019a0000-0000-7000-8000-000000000000", 191),
    ])
    func `never changes`(id: String, number: Int16) throws {
        #expect(Slice(of: try #require(TenantID(id))).number == number)
    }

    /// Chi-square with 255 degrees of freedom: below 330 in 999 of 1000 fair draws.
    @Test func `is spread evenly over ids of one afternoon`() {
        var random = SplitMix64(seed: 4)
        var counts = [Int](repeating: 0, count: Slice.count)
        let tenants = 25_600
        for index in 0..<tenants {
            let time = Timestamp(milliseconds: 1_772_357_400_000 + Int64(index) * 500)
            counts[Int(Slice(of: .timeOrdered(at: time, random: random.next128())).number)] += 1
        }
        let expected = Double(tenants) / Double(Slice.count)
        let chiSquare = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        #expect(chiSquare < 330, "\(counts.min() ?? 0) to \(counts.max() ?? 0) tenants a slice")
    }

    @Test func `is one of 256`() {
        #expect(Slice.all.map(\.number) == Array(0..<256))
        #expect(Slice(number: -1) == nil && Slice(number: 256) == nil)
    }
}

@Suite struct `The era of a stream` {
    @Test(arguments: [
        ("2026-03-01T00:00:00Z", "2026-03-01"), ("2026-03-31T23:59:59.999Z", "2026-03-01"), ("2026-02-28T23:59:59.999Z", "2026-02-01"),
        ("2027-01-01T00:00:00Z", "2027-01-01"),
    ])
    func `is the month in which its id was made`(time: String, first: String) throws {
        let id = RunID.timeOrdered(at: try #require(Timestamp(time)), random: .max)
        let day = try #require(Timestamp("\(first)T00:00:00Z")).day
        #expect(Era.month(of: id) == .month(day))
    }
}

@Suite struct `The lanes` {
    @Test func `share 8 to 4 to 2 to 1`() {
        #expect(Lane.allCases.map(\.weight) == [8, 4, 2, 1])
    }

    @Test func `are ordered from P1 to P4 and stored by number`() {
        #expect(Lane.allCases.sorted() == [.p1, .p2, .p3, .p4])
        #expect(Lane.allCases.map(\.name) == ["P1", "P2", "P3", "P4"])
        #expect(Lane.allCases.map(\.rawValue) == [1, 2, 3, 4])
    }
}

@Suite struct `A stream version` {
    @Test func `counts from none without a gap`() {
        #expect(StreamVersion.none + 3 == StreamVersion(3))
        #expect(StreamVersion(2) < StreamVersion(10))
    }
}
