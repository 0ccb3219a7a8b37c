package import Vocabulary

/// Why a request is not answered with what it asked for; its text is safe for strangers.
package struct APIError: Error, Sendable, CustomStringConvertible {
    package let code: ErrorCode
    package let message: String
    /// Members of the request that are at fault, each with its remedy.
    package var problems: [Problem] = []
    /// Places in a workflow's code that are at fault; told with the problems, under `/code`.
    package var diagnostics: [CompilationFailure.Diagnostic] = []
    /// The step of a workflow that failed.
    package var step: String?
    /// The execution that failed, where one was started.
    package var execution: RunID?
    /// Headers that belong to the answer, such as `Allow`.
    package var headers: [(name: String, value: String)] = []

    package init(_ code: ErrorCode, _ message: String, problems: [Problem] = []) {
        self.code = code
        self.message = message
        self.problems = problems
    }

    package var description: String { "\(code.rawValue): \(message)" }

    /// The same words whether a thing does not exist or belongs to somebody else, so that ids cannot be probed.
    package static let notFound = APIError(.notFound, "The resource does not exist, or you do not have access.")

    /// The same words for a missing, an unknown and a revoked key.
    package static let unauthorized = APIError(
        .unauthorized, "The API key is missing or not valid; send it as x-fastn-api-key or x-fastn-access-key.")

    /// The request as a whole is fine but `problems` are not; all of them are told at once.
    package static func invalid(_ problems: [Problem], _ diagnostics: [CompilationFailure.Diagnostic] = []) -> APIError {
        let message = (problems.map(\.description) + diagnostics.map(\.description)).joined(separator: "; ")
        var error = APIError(.validationFailed, message, problems: problems)
        error.diagnostics = diagnostics
        return error
    }

    /// One member of the request is at fault.
    package static func invalid(_ pointer: String, _ message: String) -> APIError { .invalid([Problem(pointer, message)]) }

    /// The store behind this server does not answer; the same request may be sent again.
    package static func unavailable(_ message: String, retryAfter: Duration = .seconds(1)) -> APIError {
        var error = APIError(.unavailable, message)
        error.headers = [("retry-after", "\(retryAfter.components.seconds)")]
        return error
    }

    /// The body or the headers are larger than a webhook or a call may be.
    package static let tooLarge = APIError(.payloadTooLarge, "The body may have \(Limits.bodyBytes) bytes, the headers 100 fields and 32 KB.")

    /// The error object of the API. `requestID` is also in the header `x-request-id`.
    package func body(requestID: String) -> JSONValue {
        var object: JSONObject = [
            "code": .string(code.rawValue), "statusCode": .int(code.status), "message": .string(message), "isCustomAuthError": false,
        ]
        if let step { object.append("step", .string(step)) }
        if let execution { object.append("executionId", .id(execution)) }
        let errors = problems.map(\.json) + diagnostics.map(\.json)
        if !errors.isEmpty { object.append("errors", .array(errors)) }
        object.append("requestId", .string(requestID))
        return .object(object)
    }
}

extension Problem {
    fileprivate var json: JSONValue { ["pointer": .string(pointer), "message": .string(message)] }
}

extension CompilationFailure.Diagnostic {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["pointer": "/code", "message": .string(message), "file": .string(file)]
        if let line { object.append("line", .int(line)) }
        if let column { object.append("column", .int(column)) }
        return .object(object)
    }
}
