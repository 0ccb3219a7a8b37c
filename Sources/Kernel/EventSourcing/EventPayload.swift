package import Vocabulary

/// How an event's body is laid out in bytes.
package enum PayloadCodec: Int16, Sendable {
    /// The JSON head alone.
    case json = 1
    /// Four bytes of length, little-endian, the JSON head of that length, then the attachment as it came.
    case jsonWithAttachment = 2
    /// A clear part, and one that is encrypted under the key of whose data it is. Whoever has the keys lays it out.
    case sealed = 3
}

extension StoredForm {
    /// How the form is laid out as long as nothing of it is encrypted.
    package var codec: PayloadCodec { attachment == nil ? .json : .jsonWithAttachment }

    /// The bytes stored in the log.
    package var payload: [UInt8] {
        let head = head.encoded
        guard let attachment else { return head }
        let length = UInt32(head.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + head.count + attachment.count)
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        bytes += head
        bytes += attachment
        return bytes
    }

    /// Reads stored bytes back; throws when they are not what `payload` wrote.
    package init(type: String, schema: Int16, codec: PayloadCodec, payload: [UInt8]) throws(StoredFormError) {
        guard codec != .sealed else { throw StoredFormError(StoredForm(type, schema: schema, .null), member: "payload") }
        var head = payload[...]
        var attachment: [UInt8]?
        if codec == .jsonWithAttachment {
            let length = payload.count < 4 ? Int.max : (0..<4).reduce(0) { $0 | Int(payload[$1]) << (8 * $1) }
            guard length <= payload.count - 4 else { throw StoredFormError(StoredForm(type, schema: schema, .null), member: "payload") }
            head = payload[4..<4 + length]
            attachment = Array(payload[(4 + length)...])
        }
        let json: JSONValue
        do { json = try JSONValue(parsing: Array(head), depth: 512) } catch {
            throw StoredFormError(StoredForm(type, schema: schema, .null), member: "payload")
        }
        self.init(type, schema: schema, json, attachment: attachment)
    }
}
