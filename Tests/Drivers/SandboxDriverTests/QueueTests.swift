import SandboxProtocol
import Testing

@testable import SandboxDriver

@Suite struct `What waits between a run and its host` {
    private final class Load {}

    @Test func `a message that was taken is let go while others still wait`() {
        var queue = ReleasingQueue<Load>()
        for _ in 0..<10 { queue.append(Load()) }
        for _ in 0..<4 {
            weak let taken = queue.popFirst()
            #expect(taken == nil)
        }
    }

    @Test func `messages come in order, and the last one leaves nothing`() {
        var queue = ReleasingQueue<Int>()
        var taken: [Int] = []
        for number in 0..<100 {
            queue.append(number)
            if number % 3 == 0, let first = queue.popFirst() { taken.append(first) }
        }
        while let first = queue.popFirst() { taken.append(first) }
        #expect(taken == Array(0..<100))
    }

    @Test func `written bytes do not pile up while a slow worker never has all`() {
        let frame = SandboxFrame(.value, run: 1, payload: [UInt8](repeating: 1, count: 1000))
        var outgoing = OutgoingBytes()
        outgoing.append(frame)
        for _ in 0..<1000 {
            outgoing.append(frame)
            outgoing.drain { _ in outgoingFrameBytes }
            #expect(outgoing.heldCount <= 2 * outgoing.count + outgoingFrameBytes)
        }
        #expect(outgoing.count == outgoingFrameBytes)
    }

    private var outgoingFrameBytes: Int { 1000 + SandboxFrame.headerByteCount }

    @Test func `bytes leave in the order they came, however few are taken at once`() {
        let frames = (0..<20).map { SandboxFrame(.value, run: 1, id: UInt32($0), payload: [UInt8($0)]) }
        var (outgoing, expected, written) = (OutgoingBytes(), [UInt8](), [UInt8]())
        for frame in frames {
            frame.encode(into: &expected)
            outgoing.append(frame)
        }
        while !outgoing.isEmpty {
            outgoing.drain { bytes in
                written += bytes.prefix(7)
                return min(7, bytes.count)
            }
        }
        #expect(written == expected)
    }
}
