/// One step from a shape in which events of a type were once stored to the next version of it.
///
/// Steps are pure and taken on reading alone: what is in the log stays as it was written. A type keeps its name and its meaning; what means something
/// else is another type.
package struct Upcaster: Sendable {
    package let type: String
    /// The version that the step takes; it makes the one after it.
    package let schema: Int16
    private let change: @Sendable (inout JSONObject) throws(StoredFormError) -> Void

    /// `change` turns the head of one version into that of the next; an attachment stays as it came.
    package init(_ type: String, from schema: Int16, _ change: @escaping @Sendable (inout JSONObject) throws(StoredFormError) -> Void) {
        self.type = type
        self.schema = schema
        self.change = change
    }

    func takes(_ form: StoredForm) -> Bool { form.type == type && form.schema == schema }

    /// The next version of a form of this one.
    package func applied(to form: StoredForm) throws(StoredFormError) -> StoredForm {
        guard var head = form.head.object else { throw StoredFormError(form, member: "head") }
        try change(&head)
        return StoredForm(type, schema: schema + 1, .object(head), attachment: form.attachment, stubs: form.stubs, isErased: form.isErased)
    }
}

extension DomainEvent {
    package static var upcasters: [Upcaster] { [] }

    /// Reads every form that was ever written: brought to its type's newest version step by step, then decoded.
    package static func restore(_ form: StoredForm) throws(StoredFormError) -> Self {
        var form = form
        // Ends, since every step leads to a later version.
        while let step = upcasters.first(where: { $0.takes(form) }) { form = try step.applied(to: form) }
        return try decode(form)
    }

    /// Whether this release reads events of that type and version at all.
    package static func knows(_ type: String, schema: Int16) -> Bool {
        do throws(StoredFormError) {
            _ = try restore(StoredForm(type, schema: schema, [:]))
            return true
        } catch {
            // A member is missed in a form that is known.
            return error.member != nil
        }
    }
}
