import EventSourcing
import Vocabulary

/// A batch as bytes, made and checked in the caller's task, so that the writer thread only copies.
struct EncodedBatch: CommitRequest {
    struct Event {
        let id: EventID
        let type: String
        let schema: Int16
        let meta: [UInt8]
        let body: [UInt8]
        let codec: Int16
    }

    let batch: AppendBatch
    let slice: Slice
    let events: [Event]
    let byteCount: Int

    var rowCount: Int { events.count }
    /// The expected version of a second batch of one stream would depend on what becomes of the first.
    var exclusiveKey: UInt128? { batch.address.stream.bits }

    /// Throws `.invalid` for what Postgres could not take, which would spoil the statement it shares with others.
    init(_ batch: AppendBatch) throws(EventStoreError) {
        try Self.check(batch)
        var events: [Event] = []
        events.reserveCapacity(batch.events.count)
        var (meta, metaBytes): (EventMeta?, [UInt8]) = (nil, [])
        for event in batch.events {
            // Events of one command share their meta.
            if event.meta != meta { (meta, metaBytes) = (event.meta, event.meta.json.encoded) }
            let form = event.form
            events.append(
                Event(id: event.id, type: form.type, schema: form.schema, meta: metaBytes, body: form.payload, codec: form.codec.rawValue))
        }
        self.batch = batch
        slice = batch.address.slice
        self.events = events
        byteCount = events.reduce(0) { $0 + $1.body.count + $1.meta.count } + batch.stateWrites.reduce(0) { $0 + ($1.value?.count ?? 0) }
        guard byteCount <= AppendLimits.bytesPerBatch else { throw EventStoreError(.invalid("a batch of \(byteCount) bytes")) }
    }

    private static func check(_ batch: AppendBatch) throws(EventStoreError) {
        let category = batch.address.category.name
        guard !batch.events.isEmpty else { throw EventStoreError(.invalid("a batch without events")) }
        guard batch.events.count <= AppendLimits.eventsPerBatch else { throw EventStoreError(.invalid("a batch of \(batch.events.count) events")) }
        guard Set(batch.events.map(\.id)).count == batch.events.count else { throw EventStoreError(.invalid("an event id twice in a batch")) }
        // The category is read back from the type.
        for event in batch.events where !event.form.type.hasPrefix("\(category).") {
            throw EventStoreError(.invalid("the event type \(event.form.type) in a stream of category \(category)"))
        }
        let keys = batch.marks + (batch.reservations + batch.releases).flatMap { [$0.kind, $0.key] } + batch.stateWrites.map(\.key)
        guard keys.allSatisfy({ $0.utf8.count <= AppendLimits.keyBytes }) else { throw EventStoreError(.invalid("a key of more than 1024 bytes")) }
        let texts = keys + batch.events.map(\.form.type) + batch.events.flatMap(\.meta.texts)
        guard texts.allSatisfy(\.isStorable) else { throw EventStoreError(.invalid("text with a NUL character")) }
    }
}

extension EventMeta {
    /// The texts of the meta that others than us may have chosen.
    var texts: [String] { [principal.id, environment.name] + (principal.onBehalfOf.map { [$0] } ?? []) }
}

extension String {
    /// Whether Postgres can keep it as text: everything but NUL.
    var isStorable: Bool { !utf8.contains(0) }
}
