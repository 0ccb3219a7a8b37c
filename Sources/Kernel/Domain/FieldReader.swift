package import Vocabulary

/// Reads the members of a stored event's head; a missing or malformed one names itself.
package struct FieldReader {
    private let form: StoredForm

    package init(_ form: StoredForm) { self.form = form }

    package func value(_ name: String) throws(StoredFormError) -> JSONValue { try unwrap(form.head[name], name) }
    package func string(_ name: String) throws(StoredFormError) -> String { try unwrap(form.head[name]?.string, name) }
    package func int(_ name: String) throws(StoredFormError) -> Int { try unwrap(form.head[name]?.integer, name) }
    package func double(_ name: String) throws(StoredFormError) -> Double { try unwrap(form.head[name]?.double, name) }
    package func bool(_ name: String) throws(StoredFormError) -> Bool { try unwrap(form.head[name]?.bool, name) }
    package func array(_ name: String) throws(StoredFormError) -> [JSONValue] { try unwrap(form.head[name]?.array, name) }
    package func id<S>(_ name: String, _: S.Type = S.self) throws(StoredFormError) -> Identifier<S> {
        try unwrap(form.head[name]?.string.flatMap { Identifier<S>($0) }, name)
    }
    package func time(_ name: String) throws(StoredFormError) -> Timestamp {
        try unwrap(form.head[name]?.string.flatMap { Timestamp($0) }, name)
    }
    package func choice<C: RawRepresentable>(_ name: String, _: C.Type = C.self) throws(StoredFormError) -> C where C.RawValue == String {
        try unwrap(form.head[name]?.string.flatMap(C.init(rawValue:)), name)
    }

    // Absent and null are both lawful for these; anything else of the wrong kind is damage and names itself.
    package func optionalString(_ name: String) throws(StoredFormError) -> String? { try optional(name, \.string) }
    package func optionalInt(_ name: String) throws(StoredFormError) -> Int? { try optional(name, \.integer) }
    package func optionalID<S>(_ name: String, _: S.Type = S.self) throws(StoredFormError) -> Identifier<S>? {
        try optional(name) { $0.string.flatMap { Identifier<S>($0) } }
    }
    package func optionalTime(_ name: String) throws(StoredFormError) -> Timestamp? { try optional(name) { $0.string.flatMap { Timestamp($0) } } }

    /// The member as it is; nil when it is absent, while one that is null is there.
    package func presentValue(_ name: String) -> JSONValue? { form.head[name] }

    private func optional<T>(_ name: String, _ read: (JSONValue) -> T?) throws(StoredFormError) -> T? {
        guard let value = form.head[name], !value.isNull else { return nil }
        return try unwrap(read(value), name)
    }

    package func attachment() throws(StoredFormError) -> [UInt8] { try unwrap(form.attachment, "attachment") }

    package func unwrap<T>(_ value: T?, _ name: String) throws(StoredFormError) -> T {
        guard let value else { throw StoredFormError(form, member: name) }
        return value
    }
}
