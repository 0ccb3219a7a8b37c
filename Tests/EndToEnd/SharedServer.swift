import ServerTestKit

/// One server for all tests that need nothing special of it; each has a customer of its own there. It may call the loopback address.
actor SharedServer {
    private static let shared = SharedServer()
    private var starting: Result<Server, any Error>?
    private var waiters: [CheckedContinuation<Server, any Error>] = []
    private var isStarting = false

    /// A new customer on the shared server, which the first caller starts.
    static func customer() async throws -> Customer { try await Customer.make(on: try await shared.server()) }

    private func server() async throws -> Server {
        if let starting { return try starting.get() }
        if isStarting { return try await withCheckedThrowingContinuation { waiters.append($0) } }
        isStarting = true
        let result: Result<Server, any Error>
        do { result = .success(try await Server.start(environment: ["FASTN_ALLOW_PRIVATE_ADDRESSES": "1"])) } catch { result = .failure(error) }
        starting = result
        for waiter in waiters { waiter.resume(with: result) }
        waiters = []
        return try result.get()
    }
}
