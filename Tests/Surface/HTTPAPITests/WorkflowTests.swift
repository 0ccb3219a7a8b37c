import Testing
import Vocabulary

@Suite struct `Workflows over HTTP` {
    @Test func `begin with a template, a slug and defaults`() async throws {
        try await withAPI { api in
            let answer = try await api.send("POST", "\(api.base)/workflows", ["name": "HubSpot → Xero"])
            #expect(answer.status == 201)
            let workflow = try answer.json
            #expect(answer.header("location") == "\(api.base)/workflows/\(workflow["id"]?.string ?? "")")
            #expect(workflow["slug"] == "hubspot-xero")
            #expect(workflow["tier"] == "standard")
            #expect(workflow["language"] == "javascript")
            #expect(workflow["status"] == "draft")
            #expect(workflow["code"]?.string?.contains("export default async function") == true)
        }
    }

    @Test func `can be changed and published before views show them`() async throws {
        try await withAPI { api in
            try await api.whileViewsStandStill {
                let made = try await api.send("POST", "\(api.base)/workflows", ["name": "fresh"])
                #expect(made.status == 202, "the views do not show it")
                let path = "\(api.base)/workflows/\(try made.json["id"]?.string ?? "")"
                #expect(try await api.send("POST", "\(path)/publish").status == 202)
                #expect(try await api.send("POST", "\(api.base)/workflows/\(api.customer)/publish").status == 404)
            }
            try await api.settle()
            #expect(try await api.get("\(api.base)/workflows").json["data"]?.array?.first?["status"] == "active")
        }
    }

    @Test func `tell every problem of a request at once`() async throws {
        try await withAPI { api in
            let body: JSONValue = [
                "name": "x", "slug": "tenants", "tier": "Instant", "timeoutSeconds": 500, "retry": ["maxAttempts": 99], "code": "broken",
            ]
            let answer = try await api.send("POST", "\(api.base)/workflows", body)
            #expect(answer.status == 400)
            #expect(try Set(answer.pointers) == ["/slug", "/timeoutSeconds", "/retry/maxAttempts", "/code"])
            let fault = try #require(try answer.json["errors"]?.array?.first { $0["pointer"] == "/code" })
            #expect(fault["file"] == "workflow.ts")
            #expect(fault["line"] == 3)
            #expect(fault["column"] == 5)
            #expect(fault["message"] == "unexpected token")
            let typos = try await api.send("POST", "\(api.base)/workflows", ["nmae": "x", "tier": "slow"])
            #expect(try Set(typos.pointers) == ["/name", "/nmae", "/tier"])
        }
    }

    @Test func `that do not compile are in the audit log as rejected`() async throws {
        try await withAPI { api in
            #expect(try await api.send("POST", "\(api.base)/workflows", ["name": "x", "code": "broken"]).status == 400)
            try await api.settle()
            let log = try await api.get("\(api.base)/audit?action=workflow.create&outcome=rejected").json
            #expect(log["data"]?.array?.first?["reason"]?.string?.contains("workflow.ts:3:5") == true)
        }
    }

    @Test func `find out what they are written in unless they say it`() async throws {
        try await withAPI { api in
            #expect(try await api.send("POST", "\(api.base)/workflows", ["name": "a", "code": "typed"]).json["language"] == "typescript")
            let said = try await api.send("POST", "\(api.base)/workflows", ["name": "b", "code": "typed", "language": "javascript"])
            #expect(try said.json["errors"]?.array?.first?["file"] == "workflow.js")
        }
    }

    @Test func `cap an Instant timeout and say so`() async throws {
        try await withAPI { api in
            let answer = try await api.send("POST", "\(api.base)/workflows", ["name": "x", "tier": "INSTANT", "timeoutSeconds": 90])
            #expect(try answer.json["timeoutSeconds"] == 60)
            #expect(try answer.json["warnings"]?.array?.count == 1)
        }
    }

    @Test func `keep what an update leaves out, and take back what they answered`() async throws {
        try await withAPI { api in
            let created = try await api.send("POST", "\(api.base)/workflows", ["name": "x", "description": "d", "retry": ["maxAttempts": 5]]).json
            let path = "\(api.base)/workflows/\(created["id"]?.string ?? "")"
            let renamed = try await api.send("PUT", path, ["name": "y", "retry": ["enabled": true]]).json
            #expect(renamed["name"] == "y")
            #expect(renamed["description"] == "d")
            #expect(renamed["retry"]?["maxAttempts"] == 5)
            #expect(renamed["retry"]?["enabled"] == true)
            #expect(try await api.send("PUT", path, renamed).status == 200)
            #expect(try await api.send("PUT", path, ["slug": "z"]).pointers == ["/slug"])
        }
    }

    @Test func `keep what two callers save at the same time`() async throws {
        try await withAPI { api in
            let created = try await api.send("POST", "\(api.base)/workflows", ["name": "x"]).json
            let path = "\(api.base)/workflows/\(created["id"]?.string ?? "")"
            for round in 1...20 {
                async let name = api.send("PUT", path, ["name": .string("name \(round)")])
                async let description = api.send("PUT", path, ["description": .string("text \(round)")])
                #expect(try await [name.status, description.status] == [200, 200])
                let saved = try await api.get(path).json
                #expect(saved["name"]?.string == "name \(round)")
                #expect(saved["description"]?.string == "text \(round)")
            }
        }
    }

    @Test func `are published, disabled, enabled and archived`() async throws {
        try await withAPI { api in
            let path = "\(api.base)/workflows/\(try await api.publishWorkflow("x"))"
            let published = try await api.get(path).json
            #expect(published["status"] == "active")
            #expect(published["version"] == 1)
            #expect(published["versions"]?.array?.count == 1)
            #expect(try await api.send("POST", "\(path)/disable").json["status"] == "disabled")
            #expect(try await api.send("POST", "\(path)/enable").json["status"] == "active")
            #expect(try await api.send("POST", "\(path)/archive").json["status"] == "archived")
            #expect(try await api.send("POST", "\(path)/publish").status == 409)
        }
    }

    @Test func `share no slug`() async throws {
        try await withAPI { api in
            _ = try await api.send("POST", "\(api.base)/workflows", ["name": "x"])
            let second = try await api.send("POST", "\(api.base)/workflows", ["name": "x"])
            #expect(second.status == 409)
            #expect(try second.pointers == ["/slug"])
        }
    }

    @Test func `are created once with one idempotency key`() async throws {
        try await withAPI { api in
            let first = try await api.send("POST", "\(api.base)/workflows", ["name": "x"], [("idempotency-key", "k1")]).json
            let again = try await api.send("POST", "\(api.base)/workflows", ["name": "x"], [("idempotency-key", "k1")])
            #expect(again.status == 201)
            #expect(try again.json["id"] == first["id"])
            #expect(try await api.get("\(api.base)/workflows").json["data"]?.array?.count == 1)
        }
    }

    @Test func `are listed by tier and status, page by page`() async throws {
        try await withAPI { api in
            for name in ["a", "b", "c"] { try await api.publishWorkflow(name) }
            _ = try await api.send("POST", "\(api.base)/workflows", ["name": "d", "tier": "long"])
            #expect(try await api.get("\(api.base)/workflows?tier=long&status=draft").json["data"]?.array?.count == 1)
            let first = try await api.get("\(api.base)/workflows?status=active&limit=2").json
            #expect(first["page"]?["hasMore"] == true)
            let cursor = try #require(first["page"]?["nextCursor"]?.string)
            let second = try await api.get("\(api.base)/workflows?status=active&limit=2&cursor=\(cursor)").json
            #expect(second["data"]?.array?.count == 1)
            #expect(second["page"]?["hasMore"] == false)
            #expect(try await api.get("\(api.base)/workflows?tier=slow").pointers == ["/tier"])
        }
    }
}
