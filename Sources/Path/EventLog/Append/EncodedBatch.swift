import Cryptography
import EventSourcing
import Vocabulary

/// A batch as bytes, made and checked in the caller's task, so that the writer thread only copies.
///
/// A class, so that to queue, sort and group it costs one count of references and not one for each of its parts.
final class EncodedBatch: CommitRequest {
    struct Event {
        let id: EventID
        let type: String
        let schema: Int16
        let meta: [UInt8]
        let body: [UInt8]
        let codec: Int16
        /// What the hash chain takes of it.
        let digest: [UInt8]
    }

    let batch: AppendBatch
    let slice: Slice
    let events: [Event]
    /// The values of the batch's state as they are stored; nil deletes.
    let values: [[UInt8]?]
    let byteCount: Int

    var rowCount: Int { events.count }
    /// The expected version of a second batch of one stream would depend on what becomes of the first.
    var exclusiveKey: UInt128? { batch.address.stream.bits }

    /// Throws `.invalid` for what Postgres could not take, which would spoil the statement it shares with others. `keys` are the batch's.
    init(_ batch: AppendBatch, keys: BatchKeys) throws(EventStoreError) {
        try Self.check(batch)
        var events: [Event] = []
        events.reserveCapacity(batch.events.count)
        var (meta, metaBytes): (EventMeta?, [UInt8]) = (nil, [])
        let hasher = SHA256Hasher()
        for event in batch.events {
            // Events of one command share their meta.
            if event.meta != meta { (meta, metaBytes) = (event.meta, event.meta.encoded) }
            events.append(try Event(event, address: batch.address, meta: metaBytes, keys, hasher))
        }
        var values: [[UInt8]?] = []
        for write in batch.stateWrites { values.append(try keys.seal(write, of: batch)) }
        self.batch = batch
        slice = batch.address.slice
        self.events = events
        self.values = values
        byteCount = events.reduce(0) { $0 + $1.body.count + $1.meta.count } + values.reduce(0) { $0 + ($1?.count ?? 0) }
        guard byteCount <= AppendLimits.bytesPerBatch else { throw EventStoreError(.invalid("a batch of \(byteCount) bytes")) }
    }

    private static func check(_ batch: AppendBatch) throws(EventStoreError) {
        let category = batch.address.category.name
        guard !batch.events.isEmpty else { throw EventStoreError(.invalid("a batch without events")) }
        guard batch.events.count <= AppendLimits.eventsPerBatch else { throw EventStoreError(.invalid("a batch of \(batch.events.count) events")) }
        guard batch.events.count == 1 || Set(batch.events.map(\.id)).count == batch.events.count else {
            throw EventStoreError(.invalid("an event id twice in a batch"))
        }
        for event in batch.events {
            // The category is read back from the type.
            let rest = event.form.type.utf8.dropFirst(category.utf8.count)
            guard rest.first == UInt8(ascii: "."), event.form.type.hasPrefix(category) else {
                throw EventStoreError(.invalid("the event type \(event.form.type) in a stream of category \(category)"))
            }
            guard event.form.type.isStorable, event.meta.isStorable else { throw EventStoreError(.invalid("text with a NUL character")) }
        }
        let keys = batch.marks + (batch.reservations + batch.releases).flatMap { [$0.kind, $0.key] } + batch.stateWrites.map(\.key)
        guard keys.allSatisfy({ $0.utf8.count <= AppendLimits.keyBytes }) else { throw EventStoreError(.invalid("a key of more than 1024 bytes")) }
        guard keys.allSatisfy(\.isStorable) else { throw EventStoreError(.invalid("text with a NUL character")) }
    }
}

extension EncodedBatch.Event {
    fileprivate init(
        _ event: NewEvent, address: StreamAddress, meta: [UInt8], _ keys: BatchKeys, _ hasher: SHA256Hasher
    ) throws(EventStoreError) {
        let form = event.form
        let (codec, body) = try keys.encode(form, event.id)
        let content = HashChain.Content(
            address: address, id: event.id, schema: form.schema, codec: codec.rawValue, type: form.type, meta: meta, body: body)
        self.init(
            id: event.id, type: form.type, schema: form.schema, meta: meta, body: content.body, codec: content.codec, digest: content.digest(hasher))
    }
}

extension EventMeta {
    /// Whether Postgres can keep the texts that others than us may have chosen.
    var isStorable: Bool { principal.id.isStorable && environment.name.isStorable && principal.onBehalfOf?.isStorable ?? true }
}

extension String {
    /// Whether Postgres can keep it as text: everything but NUL.
    var isStorable: Bool {
        var text = self
        return text.withUTF8 { !$0.contains(0) }
    }
}
