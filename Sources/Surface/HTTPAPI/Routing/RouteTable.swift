/// Every operation of the API, once.
package struct RouteTable: Sendable {
    package let routes: [Route]
    /// Templates with as many parts, those with most fixed parts first.
    private let templates: [Int: [PathTemplate]]
    private let methods: [PathTemplate: [String: Route]]

    init(_ routes: [Route]) {
        self.routes = routes
        methods = Dictionary(grouping: routes, by: \.path).mapValues { Dictionary($0.map { ($0.method, $0) }, uniquingKeysWith: { $1 }) }
        templates = Dictionary(grouping: methods.keys) { $0.segments.count }.mapValues { $0.sorted { $0.literals > $1.literals } }
    }

    /// The whole API.
    package static let all = RouteTable(
        TenantRoutes.all + WorkflowRoutes.all + TriggerRoutes.all + ConnectionRoutes.all + SecretRoutes.all + ErasureRoutes.all
            + EventRoutes.all + ExecutionRoutes.all + TimeTravelRoutes.all + AuditRoutes.all + LiveStateRoutes.all + UsageRoutes.all
            + WebhookRoutes.all + ServiceRoutes.all + LogRoutes.all + OperatorRoutes.all + FlowRoutes.all)

    /// The route that is meant; 404 when there is no such path, 405 when it has other methods.
    func match(method: String, path: String) throws(APIError) -> RouteMatch {
        let parts = path.split(separator: "/")
        for template in templates[parts.count] ?? [] {
            guard let parameters = template.match(parts), let routes = methods[template] else { continue }
            // HEAD is GET without the body. Source: RFC 9110 section 9.3.2.
            if let route = routes[method == "HEAD" ? "GET" : method] { return RouteMatch(route: route, parameters: parameters) }
            var error = APIError(.methodNotAllowed, "\(template.text) does not know the method; see the header Allow")
            error.headers = [("allow", routes.keys.sorted().joined(separator: ", "))]
            throw error
        }
        throw .notFound
    }
}
