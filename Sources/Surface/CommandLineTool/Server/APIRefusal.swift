import HTTPClientDriver
import Vocabulary

/// An answer of the server that is a no.
struct APIRefusal: ExplainedFailure {
    /// One thing in the request that is wrong.
    struct Detail: Hashable, Sendable {
        let pointer: String
        let message: String
        let line: Int?
        let column: Int?
    }

    let status: Int
    let details: [Detail]
    private let message: String
    private let request: String?

    /// Reads the error object; an answer without one comes from something that is not a fastn server.
    init(_ response: OutboundResponse) {
        // What is no JSON has no message, and is described by its status.
        let json = (try? JSONValue(parsing: response.body)) ?? .null
        status = response.status
        message = json["message"]?.string ?? "the server answered with status \(response.status) and no reason; does fastn listen there?"
        request = json["requestId"]?.string
        details = (json["errors"]?.array ?? []).map {
            Detail(
                pointer: $0["pointer"]?.string ?? "", message: $0["message"]?.string ?? "", line: $0["line"]?.integer, column: $0["column"]?.integer)
        }
    }

    var exitStatus: ExitStatus {
        switch status {
        case 400, 413, 415: .wrongUse
        case 502, 503, 504: .unreachable
        default: .failed
        }
    }

    var description: String {
        switch status {
        case 401: "the server does not know the API key; give a valid one with FASTN_API_KEY or --api-key"
        case 500...: request.map { "\(message) (request \($0))" } ?? message
        default: message
        }
    }
}
