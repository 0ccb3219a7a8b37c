import Glibc
import SandboxProtocol

/// The one socket to the supervisor: blocking, because a worker has nothing else to do.
struct Channel {
    private static let descriptor: Int32 = 3
    private static let readByteCount = 64 << 10

    private var decoder = SandboxFrameDecoder()
    private var chunk = [UInt8](repeating: 0, count: Self.readByteCount)

    /// The next frame; nil when the supervisor has closed its end or sent what is no frame.
    mutating func receive() -> SandboxFrame? {
        while true {
            do throws(SandboxFrameError) {
                if let frame = try decoder.next() { return frame }
            } catch {
                return nil
            }
            let count = recv(Self.descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            decoder.append(chunk[..<count])
        }
    }

    /// Writes the whole frame; ends the process when nobody is there to read it.
    static func send(_ frame: SandboxFrame) {
        var bytes: [UInt8] = []
        frame.encode(into: &bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL)) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { exit(EXIT_SUCCESS) }
            sent += count
        }
    }
}
