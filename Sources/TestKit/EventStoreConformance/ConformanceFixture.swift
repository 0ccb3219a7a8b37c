package import EventSourcing
import Glibc
package import Vocabulary

/// The real clock and real chance.
package struct SystemIDs: IDSource {
    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package func random128() -> UInt128 { .random(in: .min ... .max) }
}

/// Makes what a check appends.
package struct ConformanceFixture: Sendable {
    package let store: EventStoreConformance.Store
    /// The keys under which the store encrypts; nil where nothing is erased.
    private let dataKeys: (any DataKeys)?
    package let ids = SystemIDs()
    /// Which tenants' names the store can compare.
    private let regions: Regions

    package init(store: EventStoreConformance.Store, keys: (any DataKeys)? = nil, regions: Regions = Regions([:])) {
        self.store = store
        self.regions = regions
        dataKeys = keys
    }

    var keys: any DataKeys {
        get throws {
            guard let dataKeys else { throw BrokenPromise(description: "a check of keys was given none") }
            return dataKeys
        }
    }

    package static let category = Category("sample")

    /// A new stream, of a new tenant unless one is given.
    package func stream(of tenant: TenantID? = nil) -> StreamAddress {
        StreamAddress(tenant: tenant ?? ids.next(), stream: ids.next(), category: Self.category)
    }

    /// A new stream of a new tenant, who may claim names that are unique within `scope`.
    func stream(near scope: TenantID) -> StreamAddress { stream(of: regions.id(like: ids.next(), in: regions[scope])) }

    package func envelope() -> CommandEnvelope {
        let principal = Principal(kind: .user, id: "someone", onBehalfOf: "another")
        return CommandEnvelope(commandID: ids.next(), principal: principal, correlation: ids.next(), causation: 7, lane: .p2)
    }

    package func event(_ number: Int = 0, attachment: [UInt8]? = nil) -> NewEvent {
        let form = StoredForm("sample.happened", schema: 3, ["number": .int(number)], attachment: attachment)
        return NewEvent(id: ids.next(), form: form, meta: EventMeta(envelope()))
    }

    package func batch(_ address: StreamAddress, _ expected: ExpectedVersion, count: Int = 1) -> AppendBatch {
        AppendBatch(address: address, expected: expected, events: (0..<count).map { event($0) })
    }

    /// Appends and answers the receipt; anything but `.appended` breaks a promise.
    @discardableResult
    package func append(_ batch: AppendBatch, file: StaticString = #fileID, line: Int = #line) async throws -> AppendReceipt {
        let outcome = try await store.append(batch)
        guard case .appended(let receipt) = outcome else { throw BrokenPromise(description: "\(outcome) instead of appended (\(file):\(line))") }
        return receipt
    }

    /// The code of the error that an append must end with.
    func failure(of batch: AppendBatch, file: StaticString = #fileID, line: Int = #line) async throws -> EventStoreError.Code {
        let outcome: AppendOutcome
        do { outcome = try await store.append(batch) } catch { return error.code }
        throw BrokenPromise(description: "\(outcome) instead of an error (\(file):\(line))")
    }

    func isCorrupt(_ code: EventStoreError.Code) -> Bool { if case .corrupt = code { true } else { false } }
}

/// Runs `body` that many times at once and answers all results.
package func atOnce<Value: Sendable>(_ count: Int, _ body: @escaping @Sendable () async throws -> Value) async throws -> [Value] {
    try await withThrowingTaskGroup(of: Value.self) { group in
        for _ in 0..<count { group.addTask { try await body() } }
        return try await group.reduce(into: []) { $0.append($1) }
    }
}
