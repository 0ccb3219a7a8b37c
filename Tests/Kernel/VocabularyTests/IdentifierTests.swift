import Testing
import Vocabulary

@Suite struct `An identifier` {
    @Test func `is written as 36 lower-case characters`() {
        #expect(TenantID(bits: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef).description == "01234567-89ab-cdef-0123-456789abcdef")
        #expect(TenantID(bits: 0).description == "00000000-0000-0000-0000-000000000000")
        #expect(TenantID(bits: .max).description == "ffffffff-ffff-ffff-ffff-ffffffffffff")
    }

    @Test func `is read in upper and lower case`() {
        let id = TenantID(bits: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)
        #expect(TenantID("01234567-89ab-cdef-0123-456789abcdef") == id)
        #expect(TenantID("01234567-89AB-CDEF-0123-456789ABCDEF") == id)
        #expect(TenantID("x01234567-89ab-cdef-0123-456789abcdef".dropFirst()) == id)
    }

    @Test(arguments: [
        "", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef0",
        "01234567-89ab-cdef-0123-456789abcdeg", "012345678-9ab-cdef-0123-456789abcdef", "{1234567-89ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-456789abcdé", "01234567 89ab-cdef-0123-456789abcdef", "-1234567-89ab-cdef-0123-456789abcdef",
    ])
    func `is not read from other text`(text: String) {
        #expect(TenantID(text) == nil)
    }

    @Test func `comes back from its text, whatever its bits`() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let id = RunID(bits: random.next128())
            #expect(RunID(id.description) == id)
        }
    }

    @Test func `keeps its bits under another subject`() {
        let run = RunID(bits: 0xffff_0000_0000_0000_0000_0000_0000_0001)
        let stream: StreamID = run.recast()
        #expect(stream.bits == run.bits)
    }

    @Test func `sorts by its bits, as its text does`() {
        var random = SplitMix64(seed: 2)
        let ids = (0..<200).map { _ in RunID(bits: random.next128()) }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }
}

@Suite struct `A time-ordered identifier` {
    /// Source: RFC 9562 appendix A.6.
    @Test func `has the layout of the example in RFC 9562`() {
        let random: UInt128 = 0xcc3 << 64 | 0x18c4_dc0c_0c07_398f
        let id = RunID.timeOrdered(at: Timestamp(milliseconds: 0x017f_22e2_79b0), random: random)
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test(arguments: [UInt128.min, UInt128.max]) func `keeps version and variant whatever the noise`(random: UInt128) {
        let id = RunID.timeOrdered(at: Timestamp(milliseconds: 1_700_000_000_000), random: random)
        #expect(id.bits >> 76 & 0xf == 7)
        #expect(id.bits >> 62 & 3 == 2)
        #expect(id.milliseconds == 1_700_000_000_000)
    }

    @Test func `sorts by time before noise`() {
        let early = RunID.timeOrdered(at: Timestamp(milliseconds: 1000), random: .max)
        let late = RunID.timeOrdered(at: Timestamp(milliseconds: 1001), random: 0)
        #expect(early < late)
        #expect(early.description < late.description)
    }

    @Test func `begins at 1970, since its time has no sign`() {
        #expect(RunID.timeOrdered(at: Timestamp(milliseconds: -5), random: 0).milliseconds == 0)
    }

    @Test func `has 74 random bits`() {
        let ones = RunID.timeOrdered(at: .epoch, random: .max).bits
        let zeros = RunID.timeOrdered(at: .epoch, random: 0).bits
        #expect((ones ^ zeros).nonzeroBitCount == 74)
    }
}

@Suite struct `A derived identifier` {
    let origin = EventID.timeOrdered(at: Timestamp(milliseconds: 1_700_000_000_000), random: 0x1234)

    @Test func `is the same for the same names`() {
        #expect(RunID.derived(from: origin, digest: 99) == RunID.derived(from: origin, digest: 99))
        #expect(RunID.derived(from: origin, digest: 99) != RunID.derived(from: origin, digest: 98))
    }

    @Test(arguments: [UInt128.min, UInt128.max]) func `keeps its origin's time, version 8 and the variant`(digest: UInt128) {
        let id = RunID.derived(from: origin, digest: digest)
        #expect(id.milliseconds == origin.milliseconds)
        #expect(id.bits >> 76 & 0xf == 8)
        #expect(id.bits >> 62 & 3 == 2)
    }

    @Test func `lives in its origin's month`() {
        #expect(Era.month(of: RunID.derived(from: origin, digest: .max)) == Era.month(of: origin))
    }
}
