import HTTPAPI
import Logging
import Testing
import Vocabulary

@Suite struct `The server` {
    private func post(_ path: String, _ api: APIStage, _ lines: String...) -> [UInt8] {
        let all = ["POST \(path) HTTP/1.1", "host: x"] + api.headers.map { "\($0.0): \($0.1)" } + lines
        return Array((all.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    @Test func `refuses a body that is too long without reading it`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.maximumBodyBytes = 1000
        try await withAPI(configuration: configuration) { api in
            let announced = try await api.client.exchange([post("/api/v1/tenants", api, "content-length: 1000000")])
            #expect(announced.status == 413)
            #expect(announced.header("connection") == "close")
            let chunk = Array("400\r\n".utf8) + [UInt8](repeating: 0x20, count: 1024) + Array("\r\n".utf8)
            #expect(try await api.client.exchange([post("/api/v1/tenants", api, "transfer-encoding: chunked"), chunk, chunk]).status == 413)
        }
    }

    @Test func `cuts a body that drips`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.bodyDeadline = .milliseconds(50)
        try await withAPI(configuration: configuration) { api in
            let pieces = [post("/api/v1/tenants", api, "content-length: 1000")] + [[UInt8]](repeating: [0x20], count: 20)
            let answer = try await api.client.exchange(pieces, patience: .milliseconds(20))
            #expect(answer.status == 408)
            #expect(try answer.json["code"] == "TIMED_OUT")
        }
    }

    @Test func `closes a connection on which nothing comes`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.idleTimeout = .seconds(1)
        try await withAPI(configuration: configuration) { api async throws in
            await #expect(throws: ClientError.self) { try await api.client.exchange([Array("GET / HT".utf8)]) }
        }
    }

    @Test func `asks for the body of a caller that waits to be asked`() async throws {
        try await withAPI { api in
            let body = Array("{\"name\":\"x\"}".utf8)
            let request = post("/api/v1/tenants", api, "content-length: \(body.count)", "expect: 100-continue", "connection: close")
            let answer = try await api.client.exchange([request, body], patience: .seconds(5))
            #expect(answer.interim == [100])
            #expect(answer.status == 201)
        }
    }

    @Test func `answers the requests of one connection in turn`() async throws {
        try await withAPI { api in
            let requests = ["GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", "GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"]
            let answer = try await api.client.exchange([Array(requests.joined().utf8)])
            #expect(answer.status == 200)
            #expect(answer.text.contains("HTTP/1.1 404"))
        }
    }

    @Test func `answers HEAD like GET without the body`() async throws {
        try await withAPI { api in
            let answer = try await api.client.send("HEAD", "/healthz")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(answer.header("content-length") == "\(try await api.get("/healthz").body.count)")
        }
    }

    @Test func `is ready without its bus, which costs latency only`() async throws {
        try await withAPI(readiness: Readiness(database: .ok, bus: .unreachable)) { api in
            let answer = try await api.client.send("GET", "/readyz")
            #expect(answer.status == 200)
            #expect(try answer.json == ["status": "ok", "database": "ok", "nats": "unreachable", "regions": [], "projections": []])
        }
    }

    @Test(arguments: [Readiness.Database.unreachable, .noPartition])
    func `is not ready without room for events, and says what is wrong`(database: Readiness.Database) async throws {
        try await withAPI(readiness: Readiness(database: database, bus: .ok)) { api in
            let answer = try await api.client.send("GET", "/readyz")
            #expect(answer.status == 503)
            #expect(try answer.json["message"]?.string?.hasSuffix("database: \(database.rawValue), nats: ok") == true)
            #expect(try await api.client.send("GET", "/healthz").status == 200)
        }
    }

    @Test func `says in one line why it cannot listen`() async throws {
        try await withAPI { api async throws in
            var configuration = HTTPServerConfiguration()
            configuration.port = api.client.port
            let second = HTTPServer(configuration: configuration, api: api.api, logger: .silent)
            let error = await #expect(throws: HTTPServerError.self) { try await second.run() }
            #expect(error?.description.hasPrefix("cannot listen on 127.0.0.1:\(api.client.port): the port is in use by another program") == true)
        }
    }

    @Test func `serves its own description`() async throws {
        try await withAPI { api in
            let answer = try await api.client.send("GET", "/api/v1/openapi.yaml")
            #expect(answer.status == 200)
            let document = try ReadModelSchema.text(of: "schemas/http/openapi.yaml")
            #expect(answer.text == document)
        }
    }
}
