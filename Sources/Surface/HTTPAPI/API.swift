package import Logging
import Vocabulary

/// The HTTP API: from a request's head and body to its answer.
///
/// Every request goes the same way: route, caller, tenant, body, handler; the first of them that says no is the answer.
package struct API: Sendable {
    private let services: APIServices
    private let table: RouteTable
    private let gate: Gate
    private let logger: Logger

    package init(services: APIServices, logger: Logger) {
        self.services = services
        self.table = .all
        self.gate = Gate(services: services)
        self.logger = logger
    }

    /// What became of a request, and the template of its route for the log.
    struct Answer {
        let response: APIResponse
        let route: String
    }

    /// The head of a request, with the name that answers and events carry.
    func head(method: String, path: String, query: String?, headers: RequestHeaders, remote: String?) -> RequestHead {
        let identity = RequestIdentity.of(headers, ids: services.ids)
        return RequestHead(
            method: method, path: path, query: query, headers: headers, remote: remote, requestID: identity.name,
            correlation: identity.correlation)
    }

    /// Answers whatever happens; the body is read only once the head is found good.
    @concurrent func respond(to head: RequestHead, body: inout Exchange) async -> Answer {
        var (response, template) = (APIResponse.noContent, "unknown")
        do {
            let match = try table.match(method: head.method, path: head.path)
            template = match.route.path.text
            response = try await answer(head, match, &body)
        } catch { response = .error(told(error, head), requestID: head.requestID) }
        response.headers.append(("x-request-id", head.requestID))
        return Answer(response: response, route: template)
    }

    @concurrent private func answer(_ head: RequestHead, _ match: RouteMatch, _ body: inout Exchange) async throws -> APIResponse {
        let caller = try await gate.caller(of: head, for: match)
        let query = QueryFields(head.query, allowing: match.route.query)
        let minimum = try MinimumPosition(of: head, query, on: match.route)
        let request = APIRequest(
            head: head, route: match.route, parameters: match.parameters, query: query, caller: caller, body: try await body.readBody())
        let isFresh = await minimum?.isReached(in: services.projections) ?? true
        var response = try await match.route.handler(request, services)
        if !isFresh { response.headers.append(MinimumPosition.staleHeader) }
        return response
    }

    private func told(_ error: any Error, _ head: RequestHead) -> APIError {
        if let known = APIError(of: error) { return known }
        logger.error("request failed", metadata: ["request": "\(head.requestID)", "error": "\(error)"])
        return APIError(.internalError, "An unexpected error occurred; the request id finds it in the server's log.")
    }
}
