import Glibc
import SandboxDriver
import SandboxProtocol
import Testing

/// A pool of real workers for one test.
enum Sandbox {
    /// The worker's executable stands beside the test's own.
    static func executablePath() throws -> String {
        let path = try #require(linkTarget("/proc/self/exe"))
        let folder = try #require(path.lastIndex(of: "/").map { path[..<$0] })
        return "\(folder)/fastn-sandbox"
    }

    /// Where a symbolic link leads; nil if there is none.
    static func linkTarget(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    /// Runs `body` with a pool that lives as long as it.
    static func withPool<Value: Sendable>(
        _ configure: (inout SandboxConfiguration) -> Void = { _ in }, _ body: @Sendable (SandboxPool) async throws -> Value
    ) async throws -> Value {
        var configuration = SandboxConfiguration(executablePath: try executablePath())
        configuration.maximumWorkers = 4
        configure(&configuration)
        let pool = SandboxPool(configuration: configuration)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            defer { group.cancelAll() }
            return try await body(pool)
        }
    }

    /// Runs the body of one workflow function to its end.
    static func run(
        _ body: String, input: String = "null", configure: (inout SandboxConfiguration) -> Void = { _ in },
        answer: @Sendable @escaping (SandboxCall) -> Answer = { .value(Array($0.argumentsJSON)) }
    ) async throws -> Transcript {
        try await withPool(configure) { pool in
            try await Transcript(of: pool.open(trustDomain: "tenant", script: .function(body), start: .test(input: input)), answer: answer)
        }
    }
}

/// What the host says to a call.
enum Answer {
    case value([UInt8])
    case error(name: String, message: String)

    static func json(_ text: String) -> Answer { .value(Array(text.utf8)) }
}

/// Everything a run said.
struct Transcript {
    var calls: [SandboxCall] = []
    var logs: [String] = []
    var last: SandboxMessage?

    /// Answers each call at once, one second of the script's clock later each time, and ends a run that is stalled.
    init(of session: SandboxSession, answer: (SandboxCall) -> Answer = { .value($0.argumentsJSON) }) async throws {
        while let message = try await session.next() {
            last = message
            switch message {
            case .call(let call):
                calls.append(call)
                let now = SandboxStart.testTime + Int64(calls.count) * 1000
                switch answer(call) {
                case .value(let json): session.answer(call.id, valueJSON: json, nowMilliseconds: now)
                case .error(let name, let message): session.reject(call.id, name: name, message: message, nowMilliseconds: now)
                }
            case .log(let level, let text): logs.append("\(level.rawValue): \(text)")
            case .turnOver(openCalls: 0): session.terminate(.stalled)
            case .turnOver, .completed, .failed, .ended: continue
            }
        }
    }

    /// The result as text, if there is one.
    var result: String? {
        guard case .completed(let json) = last else { return nil }
        return String(decoding: json, as: UTF8.self)
    }

    var failure: SandboxFailure? {
        guard case .failed(let failure) = last else { return nil }
        return failure
    }

    var end: SandboxEnd? {
        guard case .ended(let end) = last else { return nil }
        return end
    }
}

extension SandboxScript {
    /// A script whose default export is an async function with this body.
    static func function(_ body: String) -> SandboxScript {
        let source = "\"use strict\";\nvar __wf = { default: async function workflow(ctx) {\n\(body)\n} };"
        return SandboxScript(id: source, fileName: "workflow.js", source: source, sourceMap: [])
    }
}

extension SandboxStart {
    static let testTime: Int64 = 1_700_000_000_000

    static func test(input: String = "null", wallClockLimit: Duration = .seconds(20)) -> SandboxStart {
        var start = SandboxStart(seed: 0x1234_5678_9ABC_DEF0, nowMilliseconds: testTime, wallClockLimit: wallClockLimit)
        start.inputJSON = Array(input.utf8)
        return start
    }
}

/// A message came that the test does not expect there.
struct Unexpected: Error {}
