import Cryptography
import ProcessTestKit
package import Vocabulary

/// A customer of the server's space that one test has for itself, with workflows and triggers of its own.
package struct Customer: Sendable {
    package let server: Server
    package let id: String

    /// A customer that exists.
    package init(server: Server, id: String) {
        self.server = server
        self.id = id
    }

    /// Makes a new customer.
    package static func make(on server: Server, named name: String = "Test customer") async throws -> Customer {
        let id = try await server.api.post("/api/v1/tenants", ["name": .string(name)]).string("id")
        try await until("customer \(name)") { try await server.api.get("/api/v1/tenants/\(id)").status == 200 }
        return Customer(server: server, id: id)
    }

    /// The path of something of the customer's.
    package func path(_ rest: String) -> String { "/api/v1/tenants/\(id)\(rest)" }

    /// Creates a workflow and publishes it; answers its id. `settings` may hold every other member of a workflow.
    @discardableResult
    package func deploy(_ slug: String, _ code: String, tier: String = "standard", _ settings: JSONObject = [:]) async throws -> String {
        var workflow: JSONObject = [
            "name": .string(slug), "slug": .string(slug), "tier": .string(tier), "language": "typescript", "code": .string(code),
        ]
        for member in settings.members { workflow.append(member.name, member.value) }
        let id = try await server.api.post(path("/workflows"), .object(workflow)).string("id")
        let published = try await server.api.post(path("/workflows/\(id)/publish"))
        // A busy server answers before its views show the change.
        try await until("\(slug), which was answered with \(published.text), to be active") {
            try await server.api.get(path("/workflows/\(id)"))["status"] == "active"
        }
        return id
    }

    /// Creates a trigger with a secret; each route is a workflow's name and its filter of the body, if any.
    package func trigger(_ scheme: String, secret: String, routes: [(workflow: String, body: JSONValue?)]) async throws -> Webhook {
        let routes = routes.map { route -> JSONValue in
            guard let body = route.body else { return ["workflow": .string(route.workflow)] }
            return ["workflow": .string(route.workflow), "filter": ["body": body]]
        }
        let id = try await server.api.post(
            path("/triggers"),
            [
                "name": .string("\(scheme) trigger"), "type": "webhook", "routes": .array(routes),
                "verification": ["scheme": .string(scheme), "secret": .string(secret)],
            ]
        ).string("id")
        let url = try await value("trigger \(id)") { try await server.api.get(path("/triggers/\(id)"))["url"]?.string }
        return Webhook(url: url, id: id, scheme: scheme, secret: secret)
    }

    /// Calls a workflow by its name with an input.
    package func call(_ slug: String, _ input: JSONValue = [:]) async throws -> APIClient.Answer {
        try await server.api.with("x-fastn-space-tenantid", id).post("/api/v1/\(slug)", ["input": input])
    }

    /// Calls a workflow by its name and waits until the run has ended; answers the execution with its steps.
    package func run(_ slug: String, _ input: JSONValue = [:]) async throws -> JSONValue {
        try await ended(try await call(slug, input).string("executionId"))
    }

    /// Waits until an execution has ended; answers it with its steps and logs.
    package func ended(_ execution: String) async throws -> JSONValue {
        try await value("the end of execution \(execution)") {
            let seen = try await server.api.get(path("/executions/\(execution)")).json
            return ["completed", "failed", "cancelled", "timed_out"].contains(seen["status"]?.string) ? seen : nil
        }
    }

    /// All rows of a list, page by page; `query` may hold filters.
    package func list(_ name: String, query: String = "limit=200") async throws -> [JSONValue] {
        var rows: [JSONValue] = []
        var cursor: String?
        repeat {
            let page = try await server.api.get(path("/\(name)?\(query)\(cursor.map { "&cursor=\($0)" } ?? "")"))
            guard page.status == 200 else { throw KitError("\(name) cannot be listed: \(page.text)") }
            rows += page["data"]?.array ?? []
            cursor = page["page"]?["nextCursor"]?.string
        } while cursor != nil
        return rows
    }

    /// Waits until every execution that an event started has ended, and there are `count` of them.
    package func executions(ofEvent event: String, count: Int) async throws -> [JSONValue] {
        try await value("\(count) ended executions of event \(event)") {
            // What has been routed has all its runs, so that one too many is seen too.
            guard try await server.api.get(path("/events/\(event)"))["status"] == "routed" else { return nil }
            let rows = try await list("executions", query: "eventId=\(event)")
            let haveEnded = rows.allSatisfy { !["pending", "running"].contains($0["status"]?.string) }
            return rows.count >= count && haveEnded ? rows : nil
        }
    }
}

extension APIClient.Answer {
    /// A member that is a text; throws with the whole answer when there is none.
    package func string(_ name: String) throws -> String {
        guard let text = self[name]?.string else { throw KitError("no \(name) in \(status): \(text.prefix(2000))") }
        return text
    }
}
