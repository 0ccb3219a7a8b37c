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
        return .json(readiness.json)
    }

    @Sendable private static func document(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        APIResponse(status: 200, headers: [("content-type", "application/yaml")], body: PackageResources.openapi_yaml)
    }
}
