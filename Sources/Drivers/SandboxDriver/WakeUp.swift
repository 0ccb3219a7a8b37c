import Glibc

/// A pair of sockets that ends a `poll` from another thread.
struct WakeUp: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    /// The descriptors live as long as the process that makes one: a pool exists once.
    init() {
        var ends: [Int32] = [-1, -1]
        let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        precondition(status == 0, "no descriptor is left (errno \(errno))")
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// A full socket has woken the reader already.
    func signal() {
        var byte: UInt8 = 1
        _ = send(writeEnd, &byte, 1, Int32(MSG_DONTWAIT))
    }

    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while recv(readEnd, &bytes, bytes.count, Int32(MSG_DONTWAIT)) == bytes.count {}
    }
}
