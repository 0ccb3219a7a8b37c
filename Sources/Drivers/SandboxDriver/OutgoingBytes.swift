import SandboxProtocol

/// Bytes on their way to a worker: what is written is let go soon, however long more keeps coming.
struct OutgoingBytes {
    /// A buffer of this size stays for the next frames; a larger one is given back.
    private static let keptByteCount = 256 << 10

    private var bytes: [UInt8] = []
    /// How many of them are written.
    private var start = 0

    /// Bytes that wait to be written.
    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }
    /// Bytes that take up memory.
    var heldCount: Int { bytes.count }

    /// Appends what `encode` writes.
    mutating func append(_ frame: SandboxFrame) { frame.encode(into: &bytes) }

    /// Offers what waits; `write` answers how much of it was taken, or less than 1 for nothing.
    mutating func drain(_ write: (UnsafeRawBufferPointer) -> Int) {
        guard !isEmpty else { return }
        start += max(0, bytes[start...].withUnsafeBytes(write))
        if isEmpty {
            bytes.removeAll(keepingCapacity: bytes.count <= Self.keptByteCount)
            start = 0
        } else if start > bytes.count / 2 {
            // The written half is cut off at once, so that each removal costs a constant.
            bytes.removeFirst(start)
            start = 0
        }
    }
}
