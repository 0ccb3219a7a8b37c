package import Vocabulary

/// A log that does something of its own and passes the rest on to another one.
package protocol ForwardingStore: EventStore {
    /// Where everything goes that is not done here.
    var base: any EventStore { get }
}

extension ForwardingStore {
    package func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome { try await base.append(batch) }

    package func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        try await base.read(address, after: version, limit: limit)
    }

    package func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        try await base.read(slice, after: position, limit: limit)
    }

    package func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt? {
        try await base.receipt(ofMark: mark, tenant: tenant)
    }

    package func heads() async throws(EventStoreError) -> [Slice: Int64] { try await base.heads() }
}
