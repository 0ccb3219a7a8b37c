import DriverThreads
import Glibc
import Synchronization

/// A small HTTP/1.1 server for tests, on a free port of the loopback address, with a thread per connection.
///
/// It stops when it is released. It understands `Content-Length` bodies and nothing else, on purpose: it answers what a
/// test tells it to, lawful or not.
package final class LoopbackHTTPServer: Sendable {
    /// The port it listens on.
    package let port: UInt16
    private let listener: Int32
    private let log: RequestLog

    /// Starts listening; `handler` decides on every request, on the thread of its connection.
    ///
    /// - Parameter greeting: bytes sent on every connection before anything is read.
    package init(greeting: [UInt8] = [], _ handler: @escaping @Sendable (ReceivedRequest) -> LoopbackReply) throws {
        let (listener, port) = try listenOnLoopback()
        self.listener = listener
        self.port = port
        let log = RequestLog()
        self.log = log
        try DedicatedThread.start(name: "loopback-http") {
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                serve(socket, greeting, log, handler)
            }
            close(listener)
        }
    }

    deinit {
        // Wakes the accepting thread, which then closes the descriptor.
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// The address of `path` at this server.
    package func url(_ path: String = "/", host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    /// The requests read so far, in order of arrival.
    package var requests: [ReceivedRequest] { log.requests }

    /// The number of connections accepted so far.
    package var connectionCount: Int { log.connectionCount }

    /// Waits until `count` requests have been read.
    package func untilRequests(_ count: Int) async { await log.until { $0.requests.count >= count } }

    /// Waits until `count` connections have ended.
    package func untilDisconnects(_ count: Int) async { await log.until { $0.disconnects >= count } }
}

private func serve(
    _ socket: Int32, _ greeting: [UInt8], _ log: RequestLog, _ handler: @escaping @Sendable (ReceivedRequest) -> LoopbackReply
) {
    log.connected()
    do throws(ThreadStartError) {
        try DedicatedThread.start(name: "loopback-conn") {
            let connection = LoopbackConnection(socket)
            _ = connection.write(greeting)
            while let request = connection.readRequest() {
                log.received(request)
                guard connection.send(handler(request), toHead: request.method == "HEAD") else { break }
            }
            close(socket)
            log.disconnected()
        }
    } catch {
        close(socket)
    }
}

private func listenOnLoopback() throws -> (listener: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &address) { bytes in
        let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
        guard let address, bind(listener, address, size) == 0, listen(listener, 64) == 0 else { return Int32(-1) }
        return getsockname(listener, address, &size)
    }
    guard status == 0 else { throw LoopbackServerError(errorNumber: errno) }
    return (listener, UInt16(bigEndian: address.sin_port))
}

/// The system gave no port.
package struct LoopbackServerError: Error {
    package let errorNumber: Int32
}
