import EventSourcing
import Vocabulary

/// A delivery as bytes, made and checked in the caller's task.
struct EncodedDelivery: CommitRequest {
    let delivery: InboxDelivery
    let slice: Slice
    let meta: [UInt8]
    let body: [UInt8]
    let codec: PayloadCodec

    var rowCount: Int { 1 }
    var byteCount: Int { meta.count + body.count }
    /// The same key twice in a statement is the same as twice in two: the second one is a duplicate.
    var exclusiveKey: UInt128? { nil }

    init(_ delivery: InboxDelivery, keys: BatchKeys) throws(EventStoreError) {
        guard delivery.dedupKey.utf8.count <= AppendLimits.keyBytes else { throw EventStoreError(.invalid("a key of more than 1024 bytes")) }
        guard delivery.dedupKey.isStorable, delivery.form.type.isStorable, delivery.meta.isStorable else {
            throw EventStoreError(.invalid("text with a NUL character"))
        }
        self.delivery = delivery
        slice = Slice(of: delivery.tenant)
        meta = delivery.meta.encoded
        (codec, body) = try keys.encode(delivery.form, delivery.event)
    }
}
