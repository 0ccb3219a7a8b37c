import Vocabulary

/// The requests that bring a workflow to a server.
struct Deployment {
    let client: APIClient
    let slug: String
    /// What is known of the workflow, as the API takes it.
    let draft: JSONObject

    /// Creates or updates the workflow of the slug and publishes it. Throws ``SourceRefusal`` when the code does not compile.
    func run(_ source: WorkflowSource, name: String?) async throws -> DeployedWorkflow {
        do {
            let saved = try await save(name: name ?? source.name)
            guard let id = saved["id"]?.string else { throw unexpected }
            var published = try await client.send("POST", "/workflows/\(id)/publish")
            // Told by id alone while the server's lists catch up.
            if published["version"] == nil { published = try await client.send("GET", "/workflows/\(id)") }
            return DeployedWorkflow(id: id, slug: slug, published: published, warnings: saved["warnings"])
        } catch let refusal as APIRefusal {
            let inCode = refusal.details.filter { $0.pointer == "/code" }
            guard !inCode.isEmpty, inCode.count == refusal.details.count else { throw refusal }
            throw SourceRefusal(inCode.map { source.place(line: $0.line, column: $0.column, source.naming($0.message)) })
        }
    }

    private func save(name: String) async throws -> JSONValue {
        if let id = try await existing() { return try await client.send("PUT", "/workflows/\(id)", body: .object(draft)) }
        var draft = draft
        draft["name"] = .string(name)
        draft["slug"] = .string(slug)
        return try await client.send("POST", "/workflows", body: .object(draft))
    }

    /// The tenant's own workflow of that slug; a space's list has its customers' too, and archived ones have given their slug back.
    private func existing() async throws -> String? {
        try await client.list("/workflows").first {
            $0["slug"]?.string == slug && $0["status"]?.string != "archived" && $0["tenantId"]?.string ?? "" == "\(client.server.tenant)"
        }?["id"]?.string
    }

    private var unexpected: CommandFailure {
        .failed("\(client.server.baseURL) answers with something that is no workflow; are fastn and its server of one release?")
    }
}

/// A workflow that is live, and how it is called.
struct DeployedWorkflow {
    let id: String
    let slug: String
    let version: Int?
    let status: String?
    let warnings: [String]

    init(id: String, slug: String, published: JSONValue, warnings: JSONValue?) {
        self.id = id
        self.slug = slug
        version = published["version"]?.integer
        status = published["status"]?.string
        self.warnings = (warnings?.array ?? []).compactMap(\.string)
    }

    func json(on server: Server) -> JSONValue {
        [
            "id": .string(id), "slug": .string(slug), "tenantId": .id(server.tenant), "version": version.map { .int($0) } ?? .null,
            "status": .optional(status), "url": .string(url(on: server)), "warnings": .array(warnings.map(JSONValue.string)),
        ]
    }

    func text(on server: Server) -> String {
        let isForCustomer = server.space.map { $0 != server.tenant } ?? true
        let customer = isForCustomer ? " -H 'x-fastn-space-tenantid: \(server.tenant)'" : ""
        let headers = "-H \"x-fastn-api-key: \(server.keyInShell)\"\(customer) -H 'content-type: application/json'"
        let state = status == "active" ? "live" : status ?? "saved"
        return """
            \(Style.bold.on(.output, slug)) is \(state), version \(version.map(String.init) ?? "unknown"). Call it:
              curl -s -X POST \(url(on: server)) \(headers) -d '{"input": {}}'

            """
    }

    private func url(on server: Server) -> String { "\(server.baseURL)/api/v1/\(slug)" }
}
