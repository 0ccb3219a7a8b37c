import Cryptography
import Testing
import Vocabulary

@Suite struct `Triggers over HTTP` {
    private let github: JSONValue = ["scheme": "github", "secret": "s3cret"]

    @Test func `answer with the URL for deliveries and never with the secret`() async throws {
        try await withAPI { api in
            try await api.publishWorkflow("Sync")
            let routes: JSONValue = [["workflow": "sync", "filter": ["body": ["action": "opened"]]]]
            let body: JSONValue = ["name": "t", "type": "webhook", "verification": github, "routes": routes]
            let answer = try await api.send("POST", "\(api.base)/triggers", body)
            #expect(answer.status == 201)
            let trigger = try answer.json
            let id = try #require(trigger["id"]?.string)
            #expect(trigger["url"]?.string == "https://hooks.example/api/v1/clients/\(api.space)/webhooks/\(id)")
            #expect(trigger["routes"]?.array?.first?["workflow"] == "sync")
            #expect(trigger["environment"] == "production")
            #expect(!answer.text.contains("s3cret"))
            #expect(try await !api.get("\(api.base)/triggers/\(id)").text.contains("s3cret"))
            #expect(try await api.get("\(api.base)/triggers").json["data"]?.array?.first?["url"] == trigger["url"])
            #expect(try await api.send("PUT", "\(api.base)/triggers/\(id)", trigger).status == 200)
        }
    }

    @Test func `refuse what they cannot do, with the member named`() async throws {
        try await withAPI { api in
            let body: JSONValue = [
                "name": "t", "type": "cron", "verification": ["scheme": "md5", "secret": "x"], "routes": [["workflow": "nowhere"], ["filter": [:]]],
            ]
            let answer = try await api.send("POST", "\(api.base)/triggers", body)
            #expect(answer.status == 400)
            #expect(try Set(answer.pointers) == ["/type", "/verification/scheme", "/routes/0/workflow", "/routes/1/workflow"])
        }
    }

    @Test func `insist on a usable secret`() async throws {
        let cases: [(verification: String, pointer: String)] = [
            ("null", "/verification"), (#"{"scheme": "github"}"#, "/verification/secret"), ("{}", "/verification/scheme"),
            (#"{"scheme": "none", "secret": "x"}"#, "/verification/secret"),
            (#"{"scheme": "standard-webhooks", "secret": "no base64!"}"#, "/verification/secret"),
            (#"{"scheme": "github", "secret": "\n"}"#, "/verification/secret"),
        ]
        try await withAPI { api in
            for (verification, pointer) in cases {
                let body: JSONValue = ["name": "t", "verification": try JSONValue(parsing: verification)]
                #expect(try await api.send("POST", "\(api.base)/triggers", body).pointers == [pointer])
            }
        }
    }

    @Test func `are never changed into what refuses every delivery`() async throws {
        let changes: [(change: String, pointers: [String])] = [
            (#"{"scheme": "github"}"#, ["/verification/secret"]), (#"{"secret": "no base64!"}"#, ["/verification/secret"]),
            (#"{"scheme": "none", "secret": "x"}"#, ["/verification/secret"]), (#"{"scheme": "standard-webhooks"}"#, []),
            (#"{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nMfKQ"}"#, []), (#"{"scheme": "github", "secret": "no base64!"}"#, []),
            (#"{"scheme": "none"}"#, []), (#"{"secret": "x"}"#, ["/verification/secret"]), (#"{"scheme": "shopify"}"#, ["/verification/secret"]),
        ]
        try await withAPI { api in
            let verification: JSONValue = ["scheme": "standard-webhooks", "secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
            let trigger = try await api.send("POST", "\(api.base)/triggers", ["name": "t", "verification": verification]).json
            for (change, pointers) in changes {
                let body: JSONValue = ["verification": try JSONValue(parsing: change)]
                let answer = try await api.send("PUT", "\(api.base)/triggers/\(trigger["id"]?.string ?? "")", body)
                #expect(try answer.pointers == pointers, "\(change): \(answer.text)")
                #expect((answer.status == 200) == pointers.isEmpty, "\(change)")
            }
        }
    }

    @Test func `take deliveries from anybody only when asked to, which is audited`() async throws {
        try await withAPI { api in
            for verification: JSONValue in ["none", ["scheme": "none"]] {
                #expect(try await api.send("POST", "\(api.base)/triggers", ["name": "t", "verification": verification]).status == 201)
            }
            try await api.settle()
            #expect(try await api.get("\(api.base)/audit-log?resourceType=trigger").text.contains("verification"))
        }
    }

    @Test func `keep their customer's workflows when the space changes them`() async throws {
        try await withAPI { api in
            let own = try await api.publishWorkflow("Sync")
            let shared = try await api.send("POST", "/api/v1/tenants/\(api.space)/workflows", ["name": "Sync"])
            #expect(shared.status == 201)
            let body: JSONValue = ["name": "t", "verification": github, "routes": [["workflow": "sync"]]]
            let trigger = try await api.send("POST", "\(api.base)/triggers", body).json
            let path = "/api/v1/tenants/\(api.space)/triggers/\(trigger["id"]?.string ?? "")"
            let answer = try await api.send("PUT", path, ["name": "u", "routes": trigger["routes"] ?? .null])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json["routes"]?.array?.map { $0["workflowId"]?.string } == [own])
            let byID = try await api.send("PUT", path, ["routes": [["workflow": .string(own)]]])
            #expect(try byID.json["routes"]?.array?.map { $0["workflowId"]?.string } == [own], "\(byID.text)")
        }
    }

    @Test func `keep what two callers save at the same time`() async throws {
        try await withAPI { api in
            let trigger = try await api.send("POST", "\(api.base)/triggers", ["name": "t", "verification": github]).json
            let path = "\(api.base)/triggers/\(trigger["id"]?.string ?? "")"
            for round in 1...20 {
                async let name = api.send("PUT", path, ["name": .string("name \(round)")])
                async let environment = api.send("PUT", path, ["environment": .string("stage-\(round)")])
                #expect(try await [name.status, environment.status] == [200, 200])
                let saved = try await api.get(path).json
                #expect(saved["name"]?.string == "name \(round)")
                #expect(saved["environment"]?.string == "stage-\(round)")
            }
        }
    }

    @Test func `keep their secret when an update does not name one`() async throws {
        try await withAPI { api in
            let trigger = try await api.send("POST", "\(api.base)/triggers", ["name": "t", "verification": github]).json
            let path = "\(api.base)/triggers/\(trigger["id"]?.string ?? "")"
            #expect(try await api.send("PUT", path, ["name": "u"]).json["name"] == "u")
            let body = Array("{}".utf8)
            #expect(try await api.deliver(trigger, body, secret: "s3cret").status == 202)
            #expect(try await api.send("POST", "\(path)/disable").json["enabled"] == false)
            #expect(try await api.deliver(trigger, body, secret: "s3cret").status == 401)
            #expect(try await api.send("DELETE", path).status == 204)
            #expect(try await api.get(path).status == 404)
        }
    }
}

@Suite struct `Deliveries of webhooks` {
    private func trigger(_ api: APIStage) async throws -> JSONValue {
        try await api.send("POST", "\(api.base)/triggers", ["name": "t", "verification": ["scheme": "github", "secret": "s3cret"]]).json
    }

    @Test func `are answered with the event's id, and with the first one's when repeated`() async throws {
        try await withAPI { api in
            let trigger = try await trigger(api)
            let first = try await api.deliver(trigger, Array("{\"a\":1}".utf8), secret: "s3cret")
            let again = try await api.deliver(trigger, Array("{\"a\":1}".utf8), secret: "s3cret")
            #expect(first.status == 202)
            #expect(try first.json["duplicate"] == nil)
            let id = try #require(try first.json["eventId"])
            #expect(try again.json == ["eventId": id, "duplicate": true])
        }
    }

    @Test func `are refused alike with a bad signature and at an unknown webhook`() async throws {
        try await withAPI { api in
            let trigger = try await trigger(api)
            let bad = try await api.deliver(trigger, [1], secret: "wrong")
            let unknown = try await api.deliver(["id": .id(TriggerID(bits: 7))], [1], secret: "s3cret")
            #expect(bad.status == 401)
            #expect(bad.body == unknown.body)
            #expect(try await api.deliver(["id": "nonsense"], [1], secret: "s3cret").body == bad.body)
            try await api.settle()
            let log = try await api.get("\(api.base)/audit-log?outcome=denied").json
            #expect(log["data"]?.array?.map { $0["reason"] } == ["signature-mismatch, from 127.0.0.1"])
        }
    }

    @Test func `that are nested too deeply are refused`() async throws {
        try await withAPI { api async throws in
            let body = [UInt8](repeating: UInt8(ascii: "["), count: 65) + [UInt8](repeating: UInt8(ascii: "]"), count: 65)
            #expect(try await api.deliver(try await trigger(api), body, secret: "s3cret").status == 400)
        }
    }
}

extension APIStage {
    /// Sends a delivery as GitHub signs it.
    func deliver(_ trigger: JSONValue, _ body: [UInt8], secret: String) async throws -> TestAnswer {
        let signature = Hex.encode(HMACSHA256.code(of: body, key: SymmetricKey(Array(secret.utf8))))
        let path = "/api/v1/clients/\(space)/webhooks/\(trigger["id"]?.string ?? "")"
        return try await client.send("POST", path, [("x-hub-signature-256", "sha256=\(signature)"), ("x-request-id", "r")], body: body)
    }
}
