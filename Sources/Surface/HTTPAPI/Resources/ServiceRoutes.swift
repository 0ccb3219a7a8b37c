import Projections
import Vocabulary

/// What load balancers, monitors and generators of clients ask.
enum ServiceRoutes {
    static let all = [
        Route(
            "GET", "/healthz", "getHealth", nil, "Whether the server runs", output: "Health",
            handler: { _, _ in .json(["status": "ok", "version": .string(Release.version)]) }),
        Route("GET", "/readyz", "getReadiness", nil, "Whether the server can do its work", output: "Readiness", handler: ready),
        Route("GET", "/api/v1/openapi.yaml", "getOpenAPI", nil, "This API as an OpenAPI document", handler: document),
    ]

    @Sendable private static func ready(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let readiness = services.readiness()
        guard readiness.isReady else { throw APIError.unavailable("the server cannot do its work: \(readiness)") }
        // A view that lags or stands still makes no other server better: what is accepted is safe, and only reads are old.
        return .json(readiness.json(without: services.projections.status.filter { !$0.state.isHealthy }))
    }

    @Sendable private static func document(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        APIResponse(status: 200, headers: [("content-type", "application/yaml")], body: PackageResources.openapi_yaml)
    }
}
