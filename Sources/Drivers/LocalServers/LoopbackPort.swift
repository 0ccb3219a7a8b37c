import Glibc

/// Free ports on 127.0.0.1, for servers that must name their port before they listen.
package enum LoopbackPort {
    /// Whether a server could listen on `port` now; a connection that lingers from an earlier server does not count.
    static func isFree(_ port: Int) -> Bool { bound(port) != nil }

    /// A port nobody listens on. Somebody may take it before the server does, so starting tries again with another.
    package static func pickFree() throws(LocalServerError) -> Int {
        guard let port = bound(0) else { throw .system(call: "finding a free port", reason: Files.reason(errno)) }
        return port
    }

    private static func bound(_ port: Int) -> Int? {
        guard let wanted = in_port_t(exactly: port) else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = wanted.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else { return nil }
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int(in_port_t(bigEndian: $0.pointee.sin_port)) }
            }
        }
    }
}
