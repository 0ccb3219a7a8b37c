import Glibc

/// One accepted connection, read and written with blocking calls on its own thread.
struct LoopbackConnection: ~Copyable {
    private let socket: Int32

    init(_ socket: Int32) { self.socket = socket }

    /// The next request, or nil when the client has hung up.
    func readRequest() -> ReceivedRequest? {
        guard let head = readHead() else { return nil }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard let words = lines.first?.split(separator: " "), words.count == 3 else { return nil }
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return ReceivedRequest.Field(name: String(parts[0]), value: String((parts.last ?? "").drop { $0 == " " }))
        }
        let length = fields.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard let body = read(count: length) else { return nil }
        return ReceivedRequest(method: String(words[0]), target: String(words[1]), fields: fields, body: body)
    }

    /// Whether the connection goes on after the reply.
    func send(_ reply: LoopbackReply, toHead: Bool) -> Bool {
        switch reply {
        case .response(let status, let headers, let body):
            var head = "HTTP/1.1 \(status) Test Reason\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            head += "Content-Length: \(body.count)\r\n\r\n"
            return write(Array(head.utf8) + (toHead ? [] : body))
        case .bytes(let bytes):
            _ = write(bytes)
            return false
        case .endless(let head, let chunk):
            guard write(head) else { return false }
            while write(chunk) {}
            return false
        case .stalled(let bytes):
            _ = write(bytes) && read(count: 1) != nil
            return false
        }
    }

    /// Everything up to the empty line, byte by byte: this is a test server, and what follows belongs to the body.
    private func readHead() -> [UInt8]? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = read(count: 1)?.first else { return nil }
            head.append(byte)
        }
        return head
    }

    private func read(count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress?.advanced(by: filled), count - filled, 0) }
            guard received > 0 else { return nil }
            filled += received
        }
        return bytes
    }

    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Glibc.send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
