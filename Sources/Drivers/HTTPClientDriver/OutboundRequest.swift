/// One HTTP request to be sent; redirects are not followed, each hop is a request of its own.
package struct OutboundRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// The method in capital letters.
    package var method: String
    /// Where it goes.
    package var url: HTTPURL
    /// Header fields in the order to be sent; those that frame the message are the client's own.
    package var headers: [(name: String, value: String)]
    /// The body; nil for none, which POST, PUT and PATCH send as an empty one.
    package var body: [UInt8]?
    /// Time from the call to the last byte of the response, waiting for a free place included; at least 1 ms.
    package var timeout: Duration
    /// Time for resolving and connecting, TLS included; at least 1 ms.
    package var connectTimeout: Duration
    /// The largest body accepted, in bytes after decompression.
    package var maximumResponseBytes: Int

    /// Makes a request; the defaults suit an API call that somebody waits for.
    package init(
        method: String, url: HTTPURL, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10), maximumResponseBytes: Int = 4 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maximumResponseBytes = maximumResponseBytes
    }

    /// Method and host; never path, query, headers or body, which may hold secrets.
    package var description: String { "\(method) \(url.scheme)://\(url.host)" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension OutboundRequest {
    /// Fields that frame or route the message: set by a caller they could make two servers see two different requests.
    private static let reservedNames: Set<String> = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]

    /// Refuses what must not reach the wire: line breaks in fields above all. Source: RFC 9110, sections 5.1, 5.5 and 9.1.
    func validate() throws(HTTPClientError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else {
            throw HTTPClientError(.invalidMethod)
        }
        for (name, value) in headers {
            let isLawfulName = !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
            guard isLawfulName, value.utf8.allSatisfy(isFieldByte), !Self.reservedNames.contains(name.lowercased()) else {
                throw HTTPClientError(.invalidHeader, headerName: isLawfulName ? name : nil)
            }
        }
    }

    /// Whether sending it twice does no more than sending it once. Source: RFC 9110, section 9.2.2.
    var isIdempotent: Bool {
        switch method {
        case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE": true
        default: headers.contains { $0.name.lowercased() == "idempotency-key" }
        }
    }
}

private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}

private func isFieldByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\t") || byte >= 0x20 && byte != 0x7F
}
