import HTTPClientDriver
import LoopbackHTTPServer
import Testing

@Suite struct `Cancelling, crowding and shutting down` {
    @Test func `cancelling the task closes the connection`() async throws {
        let server = try LoopbackHTTPServer { _ in .silence }
        try await withClient { client in
            await withThrowingTaskGroup(of: OutboundResponse.self) { group in
                group.addTask { try await client.send(get(server.url(), timeout: .seconds(60))) }
                await server.untilRequests(1)
                group.cancelAll()
                await #expect(throws: HTTPClientError(.cancelled, requestMayHaveBeenSent: true)) { try await group.next() }
            }
            await server.untilDisconnects(1)
        }
    }

    @Test func `a task cancelled before it sends does not send`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        try await withClient { client in
            await withTaskGroup(of: HTTPClientError.Code?.self) { group in
                group.cancelAll()
                for _ in 0..<50 {
                    group.addTask {
                        do throws(HTTPClientError) {
                            _ = try await client.send(OutboundRequest(method: "GET", url: HTTPURL(parsing: server.url())))
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                for await code in group { #expect(code == .cancelled) }
            }
        }
    }

    @Test func `more requests than places wait their turn`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let statuses = try await withClient(configure: { $0.maximumConcurrentTransfers = 2 }) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 { group.addTask { try await client.send(get(server.url())).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(statuses == [Int](repeating: 200, count: 40))
        #expect(server.connectionCount <= 4)
    }

    @Test func `a request that waited its whole time out is told so`() async throws {
        let server = try LoopbackHTTPServer { _ in .silence }
        try await withClient(configure: { $0.maximumConcurrentTransfers = 1 }) { client in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.send(get(server.url(), timeout: .seconds(60))) }
                await server.untilRequests(1)
                await #expect(throws: HTTPClientError(.timedOut)) { try await client.send(get(server.url(), timeout: .milliseconds(50))) }
                group.cancelAll()
                // The first request was cancelled with the group; that is how this test ends it.
                try? await group.waitForAll()
            }
        }
        #expect(server.requests.count == 1)
    }

    @Test func `a full queue refuses at once`() async throws {
        let server = try LoopbackHTTPServer { _ in .silence }
        try await withClient(configure: { ($0.maximumConcurrentTransfers, $0.maximumWaitingTransfers) = (1, 0) }) { client in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await client.send(get(server.url(), timeout: .seconds(60))) }
                await server.untilRequests(1)
                await #expect(throws: HTTPClientError(.overloaded)) { try await client.send(get(server.url())) }
                group.cancelAll()
                // The first request was cancelled with the group; that is how this test ends it.
                try? await group.waitForAll()
            }
        }
    }

    @Test func `a request before the start waits for it`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("ok") }
        let client = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        try await withThrowingTaskGroup(of: Int?.self) { group in
            group.addTask { try await client.send(get(server.url())).status }
            group.addTask {
                try await client.run()
                return nil
            }
            let first = try await group.next()
            #expect(first == 200)
            client.shutDown()
        }
    }

    @Test func `a shutdown lets what is under way end`() async throws {
        let server = try LoopbackHTTPServer { _ in .text("late but whole") }
        let client = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let response = try await client.send(get(server.url()))
                #expect(response.body == Array("late but whole".utf8))
            }
            group.addTask { try await client.run() }
            await server.untilRequests(1)
            client.shutDown()
            try await group.waitForAll()
        }
    }

    @Test func `a shutdown aborts what does not end in time`() async throws {
        let server = try LoopbackHTTPServer { _ in .silence }
        var configuration = HTTPClient.Configuration(addressPolicy: { _ in true })
        configuration.drainTimeout = .milliseconds(20)
        let client = HTTPClient(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.addTask {
                await #expect(throws: HTTPClientError(.shutDown, requestMayHaveBeenSent: true)) {
                    try await client.send(get(server.url(), timeout: .seconds(60)))
                }
            }
            await server.untilRequests(1)
            client.shutDown()
            try await group.waitForAll()
        }
        await server.untilDisconnects(1)
    }

    @Test func `after the end nothing is taken`() async throws {
        let client = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        client.shutDown()
        try await client.run()
        await #expect(throws: HTTPClientError(.shutDown)) { try await client.send(get("http://example.com/")) }
    }

    @Test func `cancelling the run shuts down`() async throws {
        let client = HTTPClient(configuration: .init(addressPolicy: { _ in true }))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.cancelAll()
            try await group.waitForAll()
        }
        await #expect(throws: HTTPClientError(.shutDown)) { try await client.send(get("http://example.com/")) }
    }
}
