/// Cuts a stream of bytes into frames; the first malformed byte ends it for good.
///
/// Holds at most one frame and what one read brought, because a length above the cap is refused before its payload is awaited.
package struct SandboxFrameDecoder: Sendable {
    private var buffer: [UInt8] = []
    private var start = 0
    private var failed = false
    private let maximumPayloadBytes: Int

    /// - Parameter maximumPayloadBytes: The largest payload accepted, at most ``SandboxLimits/payloadBytes``.
    package init(maximumPayloadBytes: Int = SandboxLimits.payloadBytes) {
        self.maximumPayloadBytes = maximumPayloadBytes
    }

    /// Adds what a read brought.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or nil until more bytes arrive.
    ///
    /// Throws for a length or a kind that no frame has, and from then on always: a stream cannot be picked up again in its middle.
    package mutating func next() throws(SandboxFrameError) -> SandboxFrame? {
        if failed { throw .malformed }
        guard buffer.count - start >= SandboxFrame.headerByteCount else { return nil }
        let length = Int(number(at: start))
        let payloadCount = length - (SandboxFrame.headerByteCount - 4)
        guard (0...maximumPayloadBytes).contains(payloadCount) else {
            failed = true
            throw .length(length)
        }
        guard let kind = SandboxFrame.Kind(rawValue: buffer[start + 4]) else {
            failed = true
            throw .kind(buffer[start + 4])
        }
        guard buffer.count - start >= 4 + length else { return nil }
        let payloadStart = start + SandboxFrame.headerByteCount
        let frame = SandboxFrame(
            kind, run: number(at: start + 5), id: number(at: start + 9), payload: Array(buffer[payloadStart..<payloadStart + payloadCount]))
        start += 4 + length
        return frame
    }

    private func number(at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(buffer[offset + $1]) << UInt32(8 * $1) }
    }
}

/// Why a stream of frames cannot be read on.
package enum SandboxFrameError: Error, Hashable, CustomStringConvertible {
    case length(Int)
    case kind(UInt8)
    case malformed

    package var description: String {
        switch self {
        case .length(let length): "frame of \(length) bytes"
        case .kind(let byte): "frame of unknown kind \(byte)"
        case .malformed: "stream was malformed before"
        }
    }
}
