/// A webhook request as it came in: header fields in order and the untouched bytes of the body.
package struct WebhookRequest: Sendable {
    /// The header fields, repeated names included, in the order received.
    package let headers: [(name: String, value: String)]
    /// The body, byte for byte: signatures are over bytes, so nothing may have decoded and encoded it again.
    package let body: [UInt8]

    /// Makes a request of what the server received.
    package init(headers: [(name: String, value: String)], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    /// The one value of the first of `names` that is present, or nil if none is; names are compared without case.
    ///
    /// A field that comes twice with different values has no meaning that two programs agree on, and is refused
    /// instead of letting the first or the last one win. Linear in the number of fields.
    func single(_ names: String...) throws(VerificationRefusal) -> String? {
        for name in names {
            let values = headers.lazy.filter { isSameFieldName($0.name, name) }.map(\.value)
            guard let value = values.first else { continue }
            guard values.allSatisfy({ $0 == value }) else { throw .conflictingHeaders }
            return value
        }
        return nil
    }
}

/// Whether two field names are the same one, without regard to ASCII case. Source: RFC 9110, section 5.1.
private func isSameFieldName(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
