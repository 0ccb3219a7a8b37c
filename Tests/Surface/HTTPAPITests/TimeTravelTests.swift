import Domain
import EventSourcing
import Projections
@testable import HTTPAPI
import Testing
import Vocabulary

@Suite struct `The past over HTTP` {
    /// A connection that was made, rotated and deleted; answers its id.
    private static func deletedConnection(_ api: APIStage) async throws -> String {
        let auth: JSONValue = ["type": "bearer", "token": "hush"]
        let id = try #require(try await api.send("POST", "\(api.base)/connections", ["name": "crm", "auth": auth]).json["id"]?.string)
        let basic: JSONValue = ["auth": ["type": "basic", "username": "u", "password": "p4ssword"]]
        #expect(try await api.send("PUT", "\(api.base)/connections/\(id)", basic).status == 200)
        #expect(try await api.send("DELETE", "\(api.base)/connections/\(id)").status == 204)
        return id
    }

    @Test func `has routes for every kind of entity`() {
        let paths = Set(RouteTable.all.routes.map(\.path.text))
        for kind in EntityKinds.all {
            let base =
                switch kind.stream {
                case .ofItsOwn(let collection, _): "/api/v1/tenants/{tid}/\(collection)/{id}"
                case .onePerTenant(let path, _): "/api/v1/tenants/{tid}/\(path)"
                case .customer, .space: "/api/v1/tenants/{tid}"
                }
            for part in ["as-of", "history", "diff"] { #expect(paths.contains("\(base)/\(part)"), "\(kind.name)") }
        }
    }

    @Test func `shows what is deleted, at each moment, with the event that set each field`() async throws {
        try await withAPI { api in
            let id = try await Self.deletedConnection(api)
            let history = try await api.get("\(api.base)/connections/\(id)/history").json
            let events = try #require(history["data"]?.array)
            #expect(events.map { $0["type"] } == ["connection.created", "connection.credentials.rotated", "connection.deleted"])
            #expect(events[1]["changes"] == ["/auth", "/secretId"])
            #expect(events[0]["actor"]?["type"] == "service_account")
            let rotated = try #require(events[1]["recordedAt"]?.string)
            let position = try #require(events[1]["position"]?.integer)
            for query in ["at=\(rotated)", "version=2", "position=\(position)", "at=version:2"] {
                let past = try await api.get("\(api.base)/connections/\(id)/as-of?\(query)").json
                #expect(past["state"]?["auth"] == ["type": "basic"], "\(query)")
                #expect(past["event"]?["version"] == 2)
                #expect(past["setBy"]?["/name"]?["type"] == "connection.created")
                #expect(past["setBy"]?["/auth"]?["id"] == events[1]["id"])
                #expect(past["createdAt"] == events[0]["recordedAt"])
            }
            let gone = try await api.get("\(api.base)/connections/\(id)/as-of").json
            #expect(gone["state"] == .null && gone["event"]?["type"] == "connection.deleted" && gone["setBy"] == [:])
            #expect(try await !api.get("\(api.base)/connections/\(id)/as-of?version=2").text.contains("p4ssword"))
        }
    }

    @Test func `tells what differs between two moments`() async throws {
        try await withAPI { api in
            let id = try await Self.deletedConnection(api)
            let diff = try await api.get("\(api.base)/connections/\(id)/diff?from=version:1&to=version:2").json
            let change = try #require(diff["changes"]?.array?.first { $0["field"] == "/auth" })
            #expect(change["before"] == ["type": "bearer"] && change["after"] == ["type": "basic"] && change["change"] == "changed")
            #expect(change["setBy"]?["version"] == 2 && diff["from"]?["version"] == 1 && diff["to"]?["version"] == 2)
            let toNow = try await api.get("\(api.base)/connections/\(id)/diff?from=version:2").json
            #expect(toNow["changes"]?.array?.allSatisfy { $0["change"] == "removed" && $0["setBy"]?["type"] == "connection.deleted" } == true)
            let fromNothing = try await api.get("\(api.base)/connections/\(id)/diff?from=2000-01-01T00:00:00Z&to=version:1").json
            #expect(fromNothing["from"] == .null)
            #expect(fromNothing["changes"]?.array?.contains { $0["field"] == "/name" && $0["change"] == "added" && $0["after"] == "crm" } == true)
            #expect(try await api.get("\(api.base)/connections/\(id)/diff?from=version:2&to=version:1").pointers == ["/to"])
            #expect(try await api.get("\(api.base)/connections/\(id)/diff").pointers == ["/from"])
        }
    }

    @Test func `is read in today's shape with asOf`() async throws {
        try await withAPI { api in
            let workflow = try await api.publishWorkflow("Orders")
            let connection = try await Self.deletedConnection(api)
            let now = try await api.get("\(api.base)/workflows/\(workflow)").json
            let then = try await api.get("\(api.base)/workflows/\(workflow)?asOf=version:1").json
            #expect(then["status"] == "draft" && then["version"] == .null && then["versions"] == [])
            let latest = try await api.get("\(api.base)/workflows/\(workflow)?asOf=now").json
            for member in now.object?.members ?? [] where member.name != "versions" { #expect(latest[member.name] == member.value, "\(member.name)") }
            #expect(latest["versions"]?.array?.first?["hash"] == now["versions"]?.array?.first?["hash"])
            #expect(latest["versions"]?.array?.first?["publishedAt"] == now["versions"]?.array?.first?["publishedAt"])
            #expect(try await api.get("\(api.base)/connections/\(connection)?asOf=version:1").json["auth"] == ["type": "bearer"])
            let gone = try await api.get("\(api.base)/connections/\(connection)?asOf=now")
            #expect(gone.status == 404)
            #expect(gone.text.contains("gone"))
            let tenant = try await api.get("\(api.base)?asOf=now").json
            let today = try await api.get(api.base).json
            for member in today.object?.members ?? [] { #expect(tenant[member.name] == member.value, "\(member.name)") }
        }
    }

    @Test func `says that an entity began later, and knows no strangers`() async throws {
        try await withAPI { api in
            let id = try await api.publishWorkflow("Orders")
            let early = try await api.get("\(api.base)/workflows/\(id)/as-of?at=2000-01-01T00:00:00Z")
            #expect(early.status == 404)
            #expect(early.text.contains("The workflow did not exist at 2000-01-01"))
            #expect(try await api.get("\(api.base)/workflows/\(id)/as-of?at=2999-01-01T00:00:00Z").json["event"]?["version"] == 2)
            let others = [("x-fastn-api-key", APIStage.strangersKey)]
            for path in ["as-of", "history", "diff?from=version:1"] {
                let answer = try await api.client.send("GET", "/api/v1/tenants/\(api.stranger)/workflows/\(id)/\(path)", others)
                #expect(answer.status == 404)
                #expect(try answer.json["message"] == .string(APIError.notFound.message))
                #expect(try await api.get("\(api.base)/triggers/\(id)/\(path)").status == 404)
            }
            #expect(try await api.client.send("GET", "\(api.base)/workflows/\(id)/as-of").status == 401)
        }
    }

    @Test(arguments: [
        ("at=yesterday", "/at"), ("version=0", "/version"), ("position=x", "/position"), ("at=2026-03-01T00:00:00Z&position=3", "/position"),
        ("asOf=now", "/asOf"),
    ])
    func `names the parameter that is wrong`(query: String, pointer: String) async throws {
        try await withAPI { api in
            let answer = try await api.get("\(api.base)/keyring/as-of?\(query)")
            #expect(answer.status == 400)
            #expect(try answer.pointers == [pointer])
        }
    }

    @Test func `is told of tenant, space and keyring without an id`() async throws {
        try await withAPI { api in
            #expect(try await api.send("PUT", "\(api.base)/secrets/API_TOKEN", ["value": "hush"]).status == 204)
            #expect(try await api.send("PUT", "\(api.base)/secrets/API_TOKEN", ["value": "hush2"]).status == 204)
            let keyring = try await api.get("\(api.base)/keyring/as-of").json
            #expect(keyring["setBy"]?["/secrets/API_TOKEN"]?["version"] == 2)
            #expect(try await api.get("\(api.base)/as-of").json["state"]?["name"] == "First customer")
            let space = try await api.get("/api/v1/tenants/\(api.space)/as-of").json
            #expect(space["kind"] == "space" && space["state"]?["keys"]?.object?.members.count == 1)
        }
    }

    @Test func `of a customer is found under its space too, even when it is deleted`() async throws {
        try await withAPI { api in
            let id = try await Self.deletedConnection(api)
            try await api.settle()
            let past = try await api.get("/api/v1/tenants/\(api.space)/connections/\(id)/as-of?version=1").json
            #expect(past["tenantId"]?.string == "\(api.customer)")
        }
    }

    @Test func `is listed page by page`() async throws {
        try await withAPI { api in
            for value in 1...5 { _ = try await api.send("PUT", "\(api.base)/secrets/S\(value)", ["value": "v"]) }
            var (versions, cursor) = ([Int](), "")
            repeat {
                let page = try await api.get("\(api.base)/keyring/history?limit=2" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")).json
                versions += page["data"]?.array?.compactMap { $0["version"]?.integer } ?? []
                cursor = page["page"]?["nextCursor"]?.string ?? ""
            } while !cursor.isEmpty
            #expect(versions == [1, 2, 3, 4, 5])
            #expect(try await api.get("\(api.base)/keyring/history?cursor=x").pointers == ["/cursor"])
        }
    }
}
