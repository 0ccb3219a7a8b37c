import CCurl

/// Why an HTTP exchange has no response.
///
/// The description is safe for strangers: it holds neither URL nor header value nor body.
package struct HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, CaseIterable {
        /// The text is not an http or https URL without user name and password.
        case malformedURL
        /// The method is not a token in capital letters.
        case invalidMethod
        /// A header is not lawful, or is one that the client itself sets.
        case invalidHeader
        /// The host has no address.
        case resolutionFailed
        /// The address policy refused every address of the host.
        case refusedAddress
        /// No connection could be opened.
        case connectFailed
        /// The server's certificate or the encryption is not acceptable.
        case tlsFailed
        /// The time given to the exchange is over.
        case timedOut
        /// The response is larger than the request allows.
        case responseTooLarge
        /// The connection broke, or the server did not speak HTTP, before the response was complete.
        case incompleteResponse
        /// Too many exchanges are under way and waiting already.
        case overloaded
        /// The calling task was cancelled.
        case cancelled
        /// The client has ended or is ending.
        case shutDown
    }

    /// What kind of failure it is.
    package let code: Code
    /// Whether the server may have seen the request, so that sending it again could do its work twice.
    package let requestMayHaveBeenSent: Bool
    /// The name of the header that was refused; never a value.
    package let headerName: String?

    package init(_ code: Code, requestMayHaveBeenSent: Bool = false, headerName: String? = nil) {
        self.code = code
        self.requestMayHaveBeenSent = requestMayHaveBeenSent
        self.headerName = headerName
    }

    package var description: String {
        switch code {
        case .malformedURL: "the URL is not an absolute http or https URL without user name and password"
        case .invalidMethod: "the method must be a word in capital letters, such as GET"
        case .invalidHeader: "the header \(headerName ?? "") may not be set, or has characters that are not allowed"
        case .resolutionFailed: "the host name has no address: check its spelling and the name servers"
        case .refusedAddress: "the host's address is private or reserved; an operator can allow it"
        case .connectFailed: "no connection to the host: check address, port and firewall"
        case .tlsFailed: "the host's certificate or encryption is not acceptable: check its name, dates and issuer"
        case .timedOut: "the host did not answer in the time given"
        case .responseTooLarge: "the response is larger than allowed: ask for less, or page through it"
        case .incompleteResponse: "the connection broke before the response was complete"
        case .overloaded: "too many outgoing requests are waiting: try again later"
        case .cancelled: "the request was cancelled"
        case .shutDown: "the HTTP client is shutting down"
        }
    }
}

extension HTTPClientError.Code {
    /// The kind that a result code of libcurl means, its options being what this client sets.
    /// Source: libcurl manual, "libcurl-errors".
    init(_ result: CURLcode) {
        self =
            switch result {
            case CURLE_URL_MALFORMAT: .malformedURL
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolutionFailed
            case CURLE_COULDNT_CONNECT: .connectFailed
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            case CURLE_FILESIZE_EXCEEDED: .responseTooLarge
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
                .tlsFailed
            default: .incompleteResponse
            }
    }
}
