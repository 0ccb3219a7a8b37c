package import Domain
import HTTPClientDriver

/// Why a connector call has no response; a workflow sees it as an error named `ConnectorError` whose message begins with the code.
///
/// Texts are safe for strangers: they name what the caller wrote (a header's name, a connection's name), never a value.
package struct ConnectorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, as workflows may test for it.
    package enum Code: String, Sendable {
        case invalidRequest = "INVALID_REQUEST"
        case unknownConnector = "UNKNOWN_CONNECTOR"
        case unknownAction = "UNKNOWN_ACTION"
        case unknownConnection = "UNKNOWN_CONNECTION"
        case credentialsUnavailable = "CREDENTIALS_UNAVAILABLE"
        case hostNotAllowed = "HOST_NOT_ALLOWED"
        case addressRefused = "ADDRESS_REFUSED"
        case redirectRefused = "REDIRECT_REFUSED"
        case nameNotResolved = "NAME_NOT_RESOLVED"
        case connectFailed = "CONNECT_FAILED"
        case tlsFailed = "TLS_FAILED"
        case timedOut = "TIMED_OUT"
        case responseTooLarge = "RESPONSE_TOO_LARGE"
        case incompleteResponse = "INCOMPLETE_RESPONSE"
        case overloaded = "OVERLOADED"
        case cancelled = "CANCELLED"
    }

    /// The name under which workflows catch it.
    package static let name = "ConnectorError"

    /// What went wrong.
    package let code: Code
    /// What to do about it.
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: HTTPClientError) {
        self.init(Code(error.code), error.description)
    }

    package var description: String { "\(code.rawValue): \(message)" }

    /// The form in which a run keeps it and a workflow sees it.
    package var failure: RunFailure { RunFailure(name: Self.name, message: description) }
}

extension ConnectorError.Code {
    fileprivate init(_ code: HTTPClientError.Code) {
        self =
            switch code {
            case .malformedURL, .invalidMethod, .invalidHeader: .invalidRequest
            case .resolutionFailed: .nameNotResolved
            case .refusedAddress: .addressRefused
            case .connectFailed: .connectFailed
            case .tlsFailed: .tlsFailed
            case .timedOut: .timedOut
            case .responseTooLarge: .responseTooLarge
            case .incompleteResponse: .incompleteResponse
            case .overloaded, .shutDown: .overloaded
            case .cancelled: .cancelled
            }
    }
}
