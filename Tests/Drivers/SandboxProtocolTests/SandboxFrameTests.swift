import SandboxProtocol
import Testing

@Suite struct `Frames on the wire` {
    private func encoded(_ frames: [SandboxFrame]) -> [UInt8] {
        var bytes: [UInt8] = []
        for frame in frames { frame.encode(into: &bytes) }
        return bytes
    }

    @Test(arguments: SandboxFrame.Kind.allCases) func `a frame of every kind survives the way`(kind: SandboxFrame.Kind) throws {
        let frame = SandboxFrame(kind, run: 0xDEAD_BEEF, id: 7, payload: Array("{\"a\":\"é\"}".utf8))
        var decoder = SandboxFrameDecoder()
        decoder.append(encoded([frame]))
        #expect(try decoder.next() == frame)
        #expect(try decoder.next() == nil)
    }

    @Test func `frames that arrive byte by byte are the same frames`() throws {
        let frames = (0..<5).map { SandboxFrame(.call, run: 1, id: $0, payload: [UInt8](repeating: UInt8($0), count: Int($0) * 3)) }
        var decoder = SandboxFrameDecoder()
        var decoded: [SandboxFrame] = []
        for byte in encoded(frames) {
            decoder.append([byte])
            while let frame = try decoder.next() { decoded.append(frame) }
        }
        #expect(decoded == frames)
    }

    @Test func `the layout is the documented one`() {
        let bytes = encoded([SandboxFrame(.value, run: 0x0102_0304, id: 5, payload: [0xAA])])
        #expect(bytes == [10, 0, 0, 0, 0x56, 4, 3, 2, 1, 5, 0, 0, 0, 0xAA])
    }

    @Test func `a length above the cap is refused before its payload comes`() {
        var decoder = SandboxFrameDecoder(maximumPayloadBytes: 100)
        decoder.append([110, 0, 0, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: SandboxFrameError.length(110)) { try decoder.next() }
    }

    @Test func `a length below the header is refused`() {
        var decoder = SandboxFrameDecoder()
        decoder.append([8, 0, 0, 0, 0x43, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: SandboxFrameError.length(8)) { try decoder.next() }
    }

    @Test func `an unknown kind ends the stream for good`() {
        var decoder = SandboxFrameDecoder()
        decoder.append([9, 0, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0] + encoded([SandboxFrame(.turn, run: 1)]))
        #expect(throws: SandboxFrameError.kind(0xFF)) { try decoder.next() }
        #expect(throws: SandboxFrameError.malformed) { try decoder.next() }
    }

    @Test func `garbage never crashes the decoder`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var decoder = SandboxFrameDecoder(maximumPayloadBytes: 64)
            decoder.append((0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) })
            var frames = 0
            // Refusing is as good as decoding here; the claim is that both end.
            while let frame = try? decoder.next() { frames += frame.payload.count + 1 }
            #expect(frames <= 80)
        }
    }
}
