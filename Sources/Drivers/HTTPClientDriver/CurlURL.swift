import CCurl

/// Owns one `CURLU` and frees it exactly once. Source: libcurl manual, "libcurl-url".
struct CurlURL: ~Copyable {
    private let handle: OpaquePointer

    init(parsing text: String) throws(HTTPClientError) {
        guard let handle = curl_url() else { preconditionFailure("libcurl has no memory for a URL") }
        self.handle = handle
        try set(CURLUPART_URL, text)
    }

    deinit { curl_url_cleanup(handle) }

    /// Sets a part; for the whole URL a relative reference is resolved against what was there.
    func set(_ part: CURLUPart, _ text: String) throws(HTTPClientError) {
        // A NUL would end the text early for C, and the check would see another URL than the caller.
        guard !text.utf8.contains(0) else { throw HTTPClientError(.malformedURL) }
        let flags = UInt32(CURLU_DISALLOW_USER) | UInt32(CURLU_URLENCODE) | UInt32(CURLU_ALLOW_SPACE)
        guard curl_url_set(handle, part, text, flags) == CURLUE_OK else { throw HTTPClientError(.malformedURL) }
    }

    /// Adds an encoded `name=value` behind the query.
    func appendQuery(_ encodedPair: String) throws(HTTPClientError) {
        guard curl_url_set(handle, CURLUPART_QUERY, encodedPair, UInt32(CURLU_APPENDQUERY)) == CURLUE_OK else {
            throw HTTPClientError(.malformedURL)
        }
    }

    func dropFragment() throws(HTTPClientError) {
        guard curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK else { throw HTTPClientError(.malformedURL) }
    }

    /// A part as text, the port with its default.
    func part(_ part: CURLUPart) throws(HTTPClientError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        defer { curl_free(text) }
        let flags = part == CURLUPART_PORT ? UInt32(CURLU_DEFAULT_PORT) : 0
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { throw HTTPClientError(.malformedURL) }
        return String(cString: text)
    }
}
