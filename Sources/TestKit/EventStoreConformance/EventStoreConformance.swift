package import EventSourcing

/// What every implementation of the log promises, as checks that run on any of them.
///
/// Each makes tenants and streams of its own, so that many can share one store.
package enum EventStoreConformance {
    package typealias Store = any EventStore & WorkQueue & StateReader

    /// All checks.
    package static let checks = versionChecks + resendChecks + keyChecks + workChecks + orderChecks + payloadChecks + erasureChecks
}

/// One promise.
package struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// The promise in words; the name of the test.
    package let description: String
    private let body: @Sendable (ConformanceFixture) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (ConformanceFixture) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws `BrokenPromise`, or what the store threw.
    package func run(on store: EventStoreConformance.Store, keys: any DataKeys, regions: Regions = Regions([:])) async throws {
        try await body(ConformanceFixture(store: store, keys: keys, regions: regions))
    }
}

/// A store did not do what it promises.
package struct BrokenPromise: Error, CustomStringConvertible {
    package let description: String
}

func expect(_ condition: Bool, _ claim: String, file: StaticString = #fileID, line: Int = #line) throws {
    guard condition else { throw BrokenPromise(description: "\(claim) (\(file):\(line))") }
}

func expect<Value: Equatable>(_ found: Value, is wanted: Value, file: StaticString = #fileID, line: Int = #line) throws {
    try expect(found == wanted, "found \(found), wanted \(wanted)", file: file, line: line)
}
