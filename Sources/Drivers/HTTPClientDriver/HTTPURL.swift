import CCurl

/// An absolute http or https URL, parsed by the very parser that will connect to it.
///
/// Whoever checks a URL with another parser than the one that connects can be shown two different hosts. User names and
/// passwords in a URL are refused; a fragment is dropped, since it is never sent. Source: RFC 3986; libcurl manual, "curl_url".
package struct HTTPURL: Hashable, Sendable {
    /// The longest URL taken, in bytes: servers refuse longer ones. Source: RFC 9110, section 4.1, asks for at least 8000.
    package static let maximumByteCount = 8192

    /// The whole URL, normalised.
    package let text: String
    /// `http` or `https`.
    package let scheme: String
    /// The host name in lower case, or a numeric address (version 6 in brackets).
    package let host: String
    /// The port, 80 or 443 where the URL names none.
    package let port: UInt16

    /// Reads `text`; spaces and characters beyond ASCII in path and query are percent-encoded.
    package init(parsing text: String) throws(HTTPClientError) {
        try self.init(CurlURL(parsing: text))
    }

    /// The URL that `reference`, absolute or relative, means when it is found at this one.
    package func resolving(_ reference: String) throws(HTTPClientError) -> HTTPURL {
        let url = try CurlURL(parsing: text)
        try url.set(CURLUPART_URL, reference)
        return try HTTPURL(url)
    }

    /// This URL with `name=value` pairs behind its query, percent-encoded.
    package func appending(query pairs: [(name: String, value: String)]) throws(HTTPClientError) -> HTTPURL {
        let url = try CurlURL(parsing: text)
        for (name, value) in pairs {
            try url.appendQuery("\(Self.percentEncoded(name))=\(Self.percentEncoded(value))")
        }
        return try HTTPURL(url)
    }

    /// Whether scheme, host and port are the same, so that what one may know the other may. Source: RFC 6454.
    package func hasSameOrigin(as other: HTTPURL) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    private init(_ url: borrowing CurlURL) throws(HTTPClientError) {
        try url.dropFragment()
        text = try url.part(CURLUPART_URL)
        scheme = try url.part(CURLUPART_SCHEME).lowercased()
        host = try url.part(CURLUPART_HOST).lowercased()
        guard scheme == "http" || scheme == "https", !host.isEmpty, text.utf8.count <= Self.maximumByteCount,
            let port = UInt16(try url.part(CURLUPART_PORT)), port > 0
        else { throw HTTPClientError(.malformedURL) }
        self.port = port
    }
}

extension HTTPURL {
    /// Percent-encodes everything but unreserved characters, for one part of a path or of a query. Source: RFC 3986, section 2.3.
    package static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded.append(contentsOf: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
