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

    package func optionalString(_ name: String) -> String? { form.head[name]?.string }
    package func optionalInt(_ name: String) -> Int? { form.head[name]?.integer }
    package func optionalID<S>(_ name: String, _: S.Type = S.self) -> Identifier<S>? { form.head[name]?.string.flatMap { Identifier<S>($0) } }
    package func optionalTime(_ name: String) -> Timestamp? { form.head[name]?.string.flatMap { Timestamp($0) } }

    package func attachment() throws(StoredFormError) -> [UInt8] { try unwrap(form.attachment, "attachment") }

    package func unwrap<T>(_ value: T?, _ name: String) throws(StoredFormError) -> T {
        guard let value else { throw StoredFormError(form, member: name) }
        return value
    }
}
