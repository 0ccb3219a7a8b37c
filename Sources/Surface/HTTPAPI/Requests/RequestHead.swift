package import Vocabulary

/// A request without its body.
package struct RequestHead: Sendable {
    /// In capitals, `POST`.
    package let method: String
    /// The path as it came, percent-encoded, without the query.
    package let path: String
    /// What follows `?`, percent-encoded; nil when there is none.
    package let query: String?
    package let headers: RequestHeaders
    /// The peer's numeric address, which is a proxy's where one stands in front; nil when the connection has none.
    package let remote: String?
    /// The caller's own name for the request, or ours; echoed as `x-request-id`.
    package let requestID: String
    /// The same as an id: every event that comes of the request carries it.
    package let correlation: CorrelationID

    package init(
        method: String, path: String, query: String?, headers: RequestHeaders, remote: String?, requestID: String, correlation: CorrelationID
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.remote = remote
        self.requestID = requestID
        self.correlation = correlation
    }
}

/// Header fields in the order received, names in lower case.
package struct RequestHeaders: Sendable {
    package let fields: [(name: String, value: String)]

    package init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// Every value of a field. Cost: linear in the number of fields.
    package func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The value of a field; nil when it is missing or empty.
    ///
    /// A field that decides who is calling or what is done must not be read differently by a proxy and by us, so that a repeated one is refused.
    package func single(_ name: String) throws(APIError) -> String? {
        let values = values(name)
        guard values.count <= 1 else { throw APIError(.validationFailed, "the header \(name) is given \(values.count) times; send it once") }
        return values.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value that two names for the same thing agree on.
    package func single(_ name: String, or alias: String) throws(APIError) -> String? {
        let (first, second) = (try single(name), try single(alias))
        if let first, let second, first != second {
            throw APIError(.validationFailed, "the headers \(name) and \(alias) contradict each other; send one of them")
        }
        return first ?? second
    }
}
