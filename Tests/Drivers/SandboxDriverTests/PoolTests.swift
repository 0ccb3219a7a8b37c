import Glibc
import SandboxDriver
import Testing

@Suite struct `The pool of workers` {
    private static let waiting = SandboxScript.function("return await fastn.state.get('k');")

    /// The process that serves a run of this domain.
    private static func process(of domain: String, in pool: SandboxPool) async throws -> Int32? {
        let session = try await pool.open(trustDomain: domain, script: waiting, start: .test())
        var process: Int32?
        _ = try await Transcript(of: session, answer: { _ in
            process = session.processIdentifier
            return .json("1")
        })
        return process
    }

    @Test func `two tenants never share a process`() async throws {
        try await Sandbox.withPool({ $0.maximumWorkers = 1 }) { pool in
            var owner: [Int32: String] = [:]
            for domain in ["a", "b", "a", "c", "b"] {
                let process = try #require(try await Self.process(of: domain, in: pool))
                #expect(owner[process] == nil || owner[process] == domain)
                owner[process] = domain
            }
            #expect(owner.count == 5)
        }
    }

    @Test func `a tenant's runs follow each other in one process`() async throws {
        try await Sandbox.withPool { pool in
            let first = try await Self.process(of: "a", in: pool)
            #expect(try await Self.process(of: "a", in: pool) == first)
        }
    }

    @Test func `a worker is replaced after its number of runs`() async throws {
        try await Sandbox.withPool({ $0.runsPerWorker = 2 }) { pool in
            let first = try await Self.process(of: "a", in: pool)
            #expect(try await Self.process(of: "a", in: pool) == first)
            #expect(try await Self.process(of: "a", in: pool) != first)
        }
    }

    @Test func `an idle worker is ended`() async throws {
        try await Sandbox.withPool({ $0.idleLifetime = .zero }) { pool in
            let first = try #require(try await Self.process(of: "a", in: pool))
            // Another tenant's runs pass the time; the id of a reaped process is free.
            while kill(first, 0) == 0 { _ = try await Self.process(of: "b", in: pool) }
            #expect(try await Self.process(of: "a", in: pool) != first)
        }
    }

    @Test func `one run more than there are workers waits its turn`() async throws {
        try await Sandbox.withPool({ $0.maximumWorkers = 1 }) { pool in
            let first = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test())
            guard case .call(let call) = try await first.next() else { throw Unexpected() }
            async let second = Transcript(of: pool.open(trustDomain: "b", script: Self.waiting, start: .test()), answer: { _ in .json("2") })
            first.answer(call.id, valueJSON: Array("1".utf8), nowMilliseconds: 0)
            #expect(try await Transcript(of: first).result == "1")
            #expect(try await second.result == "2")
        }
    }

    @Test func `callers above the bound are refused`() async throws {
        try await Sandbox.withPool({ $0.maximumWorkers = 1; $0.maximumWaiting = 0 }) { pool in
            let first = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test())
            await #expect(throws: SandboxError.overloaded) {
                _ = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test())
            }
            first.terminate(.cancelled)
        }
    }

    @Test func `a caller that is cancelled while it waits gives its place away`() async throws {
        try await Sandbox.withPool({ $0.maximumWorkers = 1 }) { pool in
            let first = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test())
            await #expect(throws: SandboxError.cancelled) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await pool.open(trustDomain: "b", script: Self.waiting, start: .test()) }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            first.terminate(.cancelled)
            #expect(try await Self.process(of: "c", in: pool) != nil)
        }
    }

    @Test func `runs under way end when the pool stops`() async throws {
        let pool = SandboxPool(configuration: SandboxConfiguration(executablePath: try Sandbox.executablePath()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            let session = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test())
            _ = try await session.next()
            let process = try #require(session.processIdentifier)
            group.cancelAll()
            await #expect(throws: SandboxError.closed) { while try await session.next() != nil {} }
            try await group.waitForAll()
            #expect(kill(process, 0) != 0)
        }
        await #expect(throws: SandboxError.closed) { _ = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test()) }
    }

    @Test func `a missing executable is reported`() async throws {
        try await Sandbox.withPool({ $0.executablePath = "/nonexistent/fastn-sandbox" }) { pool in
            let session = try await pool.open(trustDomain: "a", script: Self.waiting, start: .test())
            await #expect(throws: SandboxError.cannotStart(errno: 2)) { try await session.next() }
        }
    }

    @Test func `input that no frame can hold is refused`() async throws {
        try await Sandbox.withPool { pool in
            var start = SandboxStart.test()
            start.rawBody = [UInt8](repeating: 0x61, count: 33 << 20)
            let tooLarge = start
            await #expect(throws: SandboxError.tooLarge(bytes: 33 << 20)) {
                _ = try await pool.open(trustDomain: "a", script: Self.waiting, start: tooLarge)
            }
        }
    }
}
