/// Gives way until `condition` holds or patience ends; answers whether it held.
package func eventually(within patience: Duration = .seconds(20), _ condition: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        await Task.yield()
    }
    return try await condition()
}

/// Runs a service beside `body` and cancels it when `body` is over.
package func running<Result: Sendable>(
    _ services: [@Sendable () async -> Void], _ body: () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for service in services { group.addTask { await service() } }
        defer { group.cancelAll() }
        return try await body()
    }
}
