import EventSourcing
import Vocabulary

/// Reads stored forms with the keys that are remembered, and collects those that must be loaded first.
struct PayloadReader {
    /// Whose form it is and of what kind.
    struct Place {
        let type: String
        let schema: Int16
        let event: EventID
        let tenant: TenantID
    }

    private let keys: PostgresDataKeys
    fileprivate var missing: Set<DataKeyID> = []
    /// The key of the form that was read last; nil when nothing of it was encrypted.
    private(set) var lastKey: HeldKey?

    fileprivate init(_ keys: PostgresDataKeys) { self.keys = keys }

    /// Nil when its key is missing, which whoever reads is told at the end.
    mutating func form(at place: Place, codec number: Int16, _ payload: [UInt8]) throws(EventStoreError) -> StoredForm? {
        let what = "event \(place.type) v\(place.schema)"
        guard let codec = PayloadCodec(rawValue: number) else { throw EventStoreError(.unreadable("codec \(number) of \(what)")) }
        lastKey = nil
        guard codec == .sealed else {
            do { return try StoredForm(type: place.type, schema: place.schema, codec: codec, payload: payload) } catch {
                throw EventStoreError(.unreadable("\(error)"))
            }
        }
        guard let sealed = SealedPayload(payload) else { throw EventStoreError(.unreadable("the payload of \(what)")) }
        guard let key = keys.remembered(sealed.key) else {
            missing.insert(sealed.key)
            return nil
        }
        lastKey = key
        return try sealed.open(type: place.type, schema: place.schema, of: place.event, tenant: place.tenant, with: key)
    }
}

extension PostgresDataKeys {
    /// Runs `body`, which reads stored forms, once more whenever it met keys that had to be loaded.
    func reading<Value>(_ body: (inout PayloadReader) throws(EventStoreError) -> Value) async throws(EventStoreError) -> Value {
        for _ in 0..<Self.readings {
            var reader = PayloadReader(self)
            let value = try body(&reader)
            if reader.missing.isEmpty { return value }
            try await load(reader.missing)
        }
        throw EventStoreError(.overloaded)
    }

    /// Once without the keys and once with them, and again when others were remembered in their place meanwhile.
    private static let readings = 4
}
