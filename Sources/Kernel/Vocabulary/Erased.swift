/// What stands where somebody's data was before its key was destroyed; the same in the log, in every view and in every answer.
package enum Erased {
    /// In place of a text.
    package static let text = "erased"
    /// In place of a JSON document.
    package static let json: JSONValue = ["erased": true]
    /// In place of headers.
    package static let headers: JSONValue = ["erased": "true"]
    /// In place of a query.
    package static let query = "erased=true"
    /// The document as JSON text, in place of an attachment.
    package static let document = json.encoded
}

extension StoredForm {
    /// The form without anybody's data, as it is read once the key is destroyed.
    package var erased: StoredForm {
        guard let stubs, !isErased else { return self }
        let head = head.object.map { JSONValue.object($0.replacing(with: stubs)) } ?? head
        return StoredForm(type, schema: schema, head, attachment: attachment.map { _ in Erased.document }, stubs: stubs, isErased: true)
    }
}
