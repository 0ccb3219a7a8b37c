@testable import HTTPAPI
import Testing

@Suite struct `The route table` {
    @Test func `has the operations of the document and no others`() throws {
        let documented = Set(try OpenAPIDocument().operations().keys)
        #expect(documented == Set(RouteTable.all.routes.map { "\($0.method) \($0.path.text)" }))
    }

    @Test func `says of each operation what the document says`() throws {
        let document = try OpenAPIDocument()
        let operations = try document.operations()
        for route in RouteTable.all.routes {
            let operation = try #require(operations["\(route.method) \(route.path.text)"])
            #expect(operation["operationId"] as? String == route.operation)
            #expect(operation["summary"] as? String == route.summary)
            #expect(operation["x-permission"] as? String == route.permission?.description, "\(route.operation)")
            #expect(document.parameters(of: operation, in: "path") == Set(route.path.variables), "\(route.operation)")
            #expect(document.parameters(of: operation, in: "query") == Set(route.query), "\(route.operation)")
            #expect(document.schema(of: operation["requestBody"]) == route.input, "\(route.operation)")
            let responses = try #require(operation["responses"] as? [String: Any])
            let output = ["200", "201", "202"].lazy.compactMap { document.schema(of: responses[$0]) }.first
            #expect(output == route.output, "\(route.operation)")
        }
    }

    @Test func `gives every operation a name of its own`() {
        let names = RouteTable.all.routes.map(\.operation)
        #expect(Set(names).count == names.count)
    }

    @Test func `prefers a fixed path to a workflow's name`() throws {
        #expect(try RouteTable.all.match(method: "POST", path: "/api/v1/tenants").route.operation == "createTenant")
        let match = try RouteTable.all.match(method: "POST", path: "/api/v1/sync%5Forders")
        #expect(match.route.operation == "callFlow")
        #expect(match.parameters == ["flow_name": "sync_orders"])
    }

    @Test func `names the methods of a path that has others`() throws {
        let error = #expect(throws: APIError.self) { try RouteTable.all.match(method: "PATCH", path: "/api/v1/tenants") }
        #expect(error?.code == .methodNotAllowed)
        #expect(error?.headers.first?.value == "GET, POST")
    }

    @Test(arguments: ["/", "/api", "/api/v2/tenants", "/api/v1/tenants/x/y/z/a/b", "/api/v1/%zz"])
    func `knows nothing of other paths`(path: String) {
        let error = #expect(throws: APIError.self) { try RouteTable.all.match(method: "POST", path: path) }
        #expect(error?.code == .notFound)
    }

    @Test func `has the error codes of the document`() throws {
        let error = try #require(try OpenAPIDocument().components["schemas"]?["Error"] as? [String: Any])
        let properties = try #require(error["properties"] as? [String: [String: Any]])
        #expect(Set(properties["code"]?["enum"] as? [String] ?? []) == Set(ErrorCode.allCases.map(\.rawValue)))
    }
}
