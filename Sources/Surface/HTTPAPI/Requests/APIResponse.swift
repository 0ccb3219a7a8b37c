package import Vocabulary

/// What goes back to the caller.
package struct APIResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Writes the body as it comes about, in place of `body`; nil when there is nothing to wait for.
    package var stream: BodyStream?

    /// Hands over one piece after another, each when the connection has room for it, and returns when nothing follows.
    package typealias BodyStream = @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON document.
    package static func json(_ value: JSONValue, status: Int = 200, headers: [(name: String, value: String)] = []) -> APIResponse {
        .json(value.encoded, status: status, headers: headers)
    }

    /// A JSON document that is written already.
    package static func json(_ bytes: [UInt8], status: Int = 200, headers: [(name: String, value: String)] = []) -> APIResponse {
        APIResponse(status: status, headers: [("content-type", "application/json")] + headers, body: bytes)
    }

    /// Done, and nothing to tell.
    package static let noContent = APIResponse(status: 204)

    /// The error object.
    package static func error(_ error: APIError, requestID: String) -> APIResponse {
        .json(error.body(requestID: requestID), status: error.code.status, headers: error.headers)
    }
}
