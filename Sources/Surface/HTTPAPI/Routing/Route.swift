import Projections
import Vocabulary

/// One operation of the API: what the router, the permissions and the OpenAPI document say of it.
package struct Route: Sendable {
    typealias Handler = @Sendable (APIRequest, APIServices) async throws -> APIResponse

    /// In capitals, `POST`.
    package let method: String
    package let path: PathTemplate
    /// The operation's name in the OpenAPI document, and in generated clients.
    package let operation: String
    /// What the caller must be allowed to do; nil on routes that ask for no key.
    package let permission: Permission?
    package let summary: String
    /// Names of the parameters that the query may have.
    package let query: [String]
    /// The schema of the body in the OpenAPI document; nil when there is none.
    package let input: String?
    /// The schema of the answer; nil when it has no body or any.
    package let output: String?
    /// The views that the answer is read from; whoever asks may name a position that they must have.
    let views: [ProjectionName]
    let handler: Handler

    init(
        _ method: String, _ path: String, _ operation: String, _ permission: Permission?, _ summary: String, query: [String] = [],
        views: [ProjectionName] = [], input: String? = nil, output: String? = nil, handler: @escaping Handler
    ) {
        self.method = method
        self.path = PathTemplate(path)
        self.operation = operation
        self.permission = permission
        self.summary = summary
        self.query = query + (views.isEmpty ? [] : [MinimumPosition.parameter])
        self.views = views
        self.input = input
        self.output = output
        self.handler = handler
    }
}

/// A route and the variable parts of the path that led to it.
struct RouteMatch: Sendable {
    let route: Route
    let parameters: [String: String]
}
