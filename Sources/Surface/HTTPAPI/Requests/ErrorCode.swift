/// The codes of the error object, each with the HTTP status it always comes with.
package enum ErrorCode: String, Sendable, CaseIterable {
    /// The request breaks rules that it can be corrected by; `errors` names each member.
    case validationFailed = "VALIDATION_FAILED"
    /// A connector could not do its work at the service it talks to.
    case connectorFailed = "DATASOURCE_CONNECTION_ERROR"
    case unauthorized = "UNAUTHORIZED"
    case forbidden = "FORBIDDEN"
    case notFound = "NOT_FOUND"
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    case timedOut = "TIMED_OUT"
    case conflict = "CONFLICT"
    case payloadTooLarge = "PAYLOAD_TOO_LARGE"
    case internalError = "INTERNAL_ERROR"
    case unavailable = "UNAVAILABLE"

    package var status: Int {
        switch self {
        case .validationFailed, .connectorFailed: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .timedOut: 408
        case .conflict: 409
        case .payloadTooLarge: 413
        case .internalError: 500
        case .unavailable: 503
        }
    }
}
