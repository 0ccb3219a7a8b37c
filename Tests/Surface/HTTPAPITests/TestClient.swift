import DriverThreads
import Glibc
import Vocabulary

/// An HTTP client that sends what it is told to, byte for byte, one request a connection.
struct TestClient: Sendable {
    let port: Int

    /// Sends a request and reads its answer.
    func send(_ method: String, _ path: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil) async throws -> TestAnswer {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "content-length: \(body.count)\r\n" }
        return try await exchange([Array((head + "\r\n").utf8) + (body ?? [])])
    }

    /// Sends pieces, waiting after each for the server to say something but no longer than `patience`; then reads until the server closes.
    func exchange(_ pieces: [[UInt8]], patience: Duration = .zero) async throws -> TestAnswer {
        let port = port
        let bytes = try await DedicatedThread.run(name: "http-client") { () throws(ClientError) in
            let socket = try Self.connect(port)
            defer { close(socket) }
            for piece in pieces {
                // A server that has answered early may have closed already; its answer is read below.
                if !Self.write(piece, to: socket) { break }
                var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                if patience > .zero { poll(&waiting, 1, Int32(patience.milliseconds)) }
            }
            return Self.read(from: socket)
        }
        return try TestAnswer(bytes)
    }

    /// Reads server-sent events until `isEnough` says so of their ids, then hangs up; answers the ids.
    func follow(_ path: String, _ headers: [(String, String)], until isEnough: @escaping @Sendable ([String]) -> Bool) async throws -> [String] {
        let (port, head) = (port, "GET \(path) HTTP/1.1\r\nhost: x\r\n" + headers.map { "\($0): \($1)\r\n" }.joined() + "\r\n")
        return try await DedicatedThread.run(name: "http-follower") { () throws(ClientError) in
            let socket = try Self.connect(port)
            defer { close(socket) }
            guard Self.write(Array(head.utf8), to: socket) else { throw ClientError(what: "the server hung up") }
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let ids = Self.eventIDs(in: String(decoding: bytes, as: UTF8.self))
                if isEnough(ids) { return ids }
                let count = recv(socket, &chunk, chunk.count, 0)
                guard count > 0 else { throw ClientError(what: "the stream ended early: \(String(decoding: bytes, as: UTF8.self))") }
                bytes += chunk[..<count]
            }
        }
    }

    /// The ids of the server-sent events that are complete.
    static func eventIDs(in text: String) -> [String] {
        text.split(separator: "\n\n").dropLast(text.hasSuffix("\n\n") || text.hasSuffix("\n\n\r\n") ? 0 : 1).flatMap { event in
            event.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
        }
    }

    private static func connect(_ port: Int) throws(ClientError) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard status == 0 else { throw ClientError(what: "connect: errno \(errno)") }
        return descriptor
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    private static func read(from socket: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(socket, &chunk, chunk.count, 0), count > 0 { bytes += chunk[..<count] }
        return bytes
    }
}

struct ClientError: Error { let what: String }

/// An answer as it came.
struct TestAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    /// Statuses of interim answers before it, such as 100.
    let interim: [Int]

    init(_ bytes: [UInt8]) throws(ClientError) {
        var (rest, interim) = (bytes[...], [Int]())
        while true {
            let end = Array("\r\n\r\n".utf8)
            guard let split = rest.indices.first(where: { rest[$0...].starts(with: end) }) else {
                throw ClientError(what: "no answer in \(String(decoding: bytes, as: UTF8.self))")
            }
            let lines = String(decoding: rest[..<split], as: UTF8.self).split(separator: "\r\n")
            guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { throw ClientError(what: "\(lines[0])") }
            rest = rest[(split + 4)...]
            if status < 200 {
                interim.append(status)
                continue
            }
            headers = lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return (name: parts[0].lowercased(), value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            }
            (self.status, body, self.interim) = (status, Array(rest), interim)
            return
        }
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    var json: JSONValue { get throws { try JSONValue(parsing: body) } }
    var text: String { String(decoding: body, as: UTF8.self) }

    /// Pointers of the error's problems.
    var pointers: [String] { get throws { try json["errors"]?.array?.compactMap { $0["pointer"]?.string } ?? [] } }
}
