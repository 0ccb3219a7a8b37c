/// Waits until `condition` holds, and throws what was waited for when it does not within `limit`.
///
/// The limit is for what never comes: a machine that does much else may be slow.
package func until(_ what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async throws {
    _ = try await value(what, within: limit) { try await condition() ? true : nil }
}

/// Waits until there is a value, asking for it again and again.
package func value<Value>(_ what: String, within limit: Duration = .seconds(60), _ value: () async throws -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await value() { return value }
        guard ContinuousClock.now < deadline else { throw KitError("waited \(limit.components.seconds) s in vain: \(what)") }
        try await Task.sleep(for: pause)
    }
}

/// Between two looks: short beside what is waited for, and long enough to leave the machine to it.
private let pause = Duration.milliseconds(20)
