import Cryptography
import EventSourcing
import Vocabulary

/// A stored form in bytes, with what is somebody's data encrypted under a key of his:
///
///     key id (16) ‖ kind (1) ‖ length of clear (4, big-endian) ‖ clear ‖ sealed
///
/// `clear` is the head as JSON with stubs in the place of data. `sealed` is AES-256-GCM over the length (4) of the members that the stubs
/// stand for, those members as JSON, and the attachment; it is bound to tenant, event and key, so that it opens nowhere else. It is empty
/// when the key had been destroyed before the event was written.
struct SealedPayload {
    /// Whether there is an attachment.
    private enum Kind: UInt8 {
        case head = 0
        case headWithAttachment = 1
    }

    private static let prefixLength = 21

    let key: DataKeyID
    private let kind: Kind
    private let clear: ArraySlice<UInt8>
    private let sealed: ArraySlice<UInt8>

    /// Reads the outer layout; nil when it is none.
    init?(_ payload: [UInt8]) {
        guard payload.count >= Self.prefixLength, let kind = Kind(rawValue: payload[16]) else { return nil }
        let length = Int(payload[17..<21].number)
        guard length <= payload.count - Self.prefixLength else { return nil }
        key = DataKeyID(bits: payload[..<16].reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
        self.kind = kind
        clear = payload[Self.prefixLength..<Self.prefixLength + length]
        sealed = payload[(Self.prefixLength + length)...]
    }

    /// The form in bytes, of which nothing but stubs is left when the key is destroyed.
    static func seal(_ form: StoredForm, _ event: EventID, under key: HeldKey) throws(EventStoreError) -> [UInt8] {
        let clear = form.erased.head.encoded
        var bytes = key.id.bytes
        bytes.append((form.attachment == nil ? Kind.head : .headWithAttachment).rawValue)
        bytes.append(number: UInt32(clear.count))
        bytes += clear
        guard let secret = key.key else { return bytes }
        let names = form.stubs?.members.map(\.name) ?? []
        let members = JSONValue.object(JSONObject(names.compactMap { name in form.head[name].map { (name: name, value: $0) } })).encoded
        var plain: [UInt8] = []
        plain.reserveCapacity(4 + members.count + (form.attachment?.count ?? 0))
        plain.append(number: UInt32(members.count))
        plain += members
        plain += form.attachment ?? []
        do { return bytes + (try AESGCM.seal(plain, key: secret, associatedData: associatedData(event, key))) } catch {
            throw EventStoreError(.corrupt("the key \(key.id) does not seal: \(error)"))
        }
    }

    /// The form as it was, or what is left of it; throws `.unreadable` for bytes that were changed or belong elsewhere.
    func open(type: String, schema: Int16, of event: EventID, tenant: TenantID, with key: HeldKey) throws(EventStoreError) -> StoredForm {
        let what = "event \(type) v\(schema)"
        guard key.tenant == tenant else { throw EventStoreError(.unreadable("\(what), encrypted under another tenant's key")) }
        let clear = try Self.parsed(clear, what)
        guard let secret = key.key, !sealed.isEmpty else {
            let attachment = kind == .head ? nil : Erased.document
            return StoredForm(type, schema: schema, clear, attachment: attachment, stubs: [:], isErased: true)
        }
        let plain: [UInt8]
        do { plain = try AESGCM.open(Array(sealed), key: secret, associatedData: Self.associatedData(event, key)) } catch {
            throw EventStoreError(.unreadable("\(what), whose data does not open: \(error)"))
        }
        let length = plain.count < 4 ? Int.max : Int(plain[..<4].number)
        guard length <= plain.count - 4 else { throw EventStoreError(.unreadable("\(what), whose data is laid out in another way")) }
        let members = try Self.parsed(plain[4..<4 + length], what).object ?? [:]
        let stubs = JSONObject(members.members.compactMap { member in clear[member.name].map { (name: member.name, value: $0) } })
        let head = clear.object.map { JSONValue.object($0.replacing(with: members)) } ?? clear
        return StoredForm(type, schema: schema, head, attachment: kind == .head ? nil : Array(plain[(4 + length)...]), stubs: stubs)
    }

    private static func parsed(_ bytes: ArraySlice<UInt8>, _ what: String) throws(EventStoreError) -> JSONValue {
        do { return try JSONValue(parsing: Array(bytes), depth: 512) } catch { throw EventStoreError(.unreadable("\(what): \(error)")) }
    }

    private static func associatedData(_ event: EventID, _ key: HeldKey) -> [UInt8] {
        Array("fastn payload 1".utf8) + key.tenant.bytes + event.bytes + key.id.bytes
    }
}

/// Bytes that stand alone, such as a value of state, encrypted under a key: `key id (16) ‖ AES-256-GCM`.
enum SealedBytes {
    /// Nil when the key is destroyed.
    static func seal(_ bytes: [UInt8], _ context: [UInt8], under key: HeldKey) throws(EventStoreError) -> [UInt8]? {
        guard let secret = key.key else { return nil }
        do { return key.id.bytes + (try AESGCM.seal(bytes, key: secret, associatedData: context + key.id.bytes)) } catch {
            throw EventStoreError(.corrupt("the key \(key.id) does not seal: \(error)"))
        }
    }

    static func key(of sealed: [UInt8]) -> DataKeyID? {
        sealed.count < 16 ? nil : DataKeyID(bits: sealed[..<16].reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
    }

    /// Nil when the key is destroyed, or the bytes are not what was sealed in that context.
    static func open(_ sealed: [UInt8], _ context: [UInt8], with key: HeldKey) -> [UInt8]? {
        guard let secret = key.key else { return nil }
        // What was changed (try?) is as good as none; whoever asked makes it anew or does without.
        return try? AESGCM.open(Array(sealed.dropFirst(16)), key: secret, associatedData: context + key.id.bytes)
    }
}

extension ArraySlice<UInt8> {
    /// Four bytes, highest first.
    fileprivate var number: UInt32 { reduce(0) { $0 << 8 | UInt32($1) } }
}

extension [UInt8] {
    fileprivate mutating func append(number: UInt32) { Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) } }
}
