/// Header fields as customers' code may see them.
enum HeaderFields {
    /// Fields kept, and bytes of their names and values together: an HTTP head of ordinary servers has at most 80 KB and 100 fields.
    static let maximumCount = 100
    static let maximumBytes = 32 << 10

    /// What proves who the sender is to us or to a proxy before us, and must not reach customers' code, the log or the API.
    ///
    /// Webhook signatures stay: they prove one body and open nothing.
    private static let credentials: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-fastn-api-key", "x-fastn-access-key", "x-api-key", "api-key",
        "x-auth-token", "x-access-token", "x-amz-security-token", "x-csrf-token", "x-xsrf-token", "x-forwarded-authorization",
    ]

    static func exceedLimits(_ headers: [(name: String, value: String)]) -> Bool {
        headers.count > maximumCount || headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count } > maximumBytes
    }

    /// Names in lower case in the order of their first appearance, without credentials; repeated fields become one, as a proxy would
    /// join them. Source: RFC 9110 section 5.3.
    static func sanitized(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var index: [String: Int] = [:]
        for header in headers {
            let name = header.name.lowercased()
            if credentials.contains(name) { continue }
            if let first = index[name] {
                fields[first].value += ", \(header.value)"
            } else {
                index[name] = fields.count
                fields.append((name: name, value: header.value))
            }
        }
        return fields
    }
}
