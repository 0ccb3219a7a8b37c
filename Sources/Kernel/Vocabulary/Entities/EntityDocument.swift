/// An entity at one instant: its fields as the API shows them, each with the event that set it.
package struct EntityDocument: Sendable {
    package let fields: [DocumentField]

    init(_ fields: [DocumentField]) { self.fields = fields }

    /// The fields as one object.
    package var json: JSONObject { JSONObject(fields.map { (name: $0.name, value: $0.value) }) }

    /// The field of that name. Cost: linear in the number of fields, which are some twenty.
    package func field(_ name: String) -> DocumentField? { fields.first { $0.name == name } }

    /// JSON pointer and event of every field, and of every member of a collection that is not too large to name each.
    package var attributions: [(pointer: String, setBy: EventStamp)] {
        fields.flatMap { field in
            let members = field.members.count > Limits.attributedMembers ? [] : field.members
            return [(pointer: field.pointer, setBy: field.setBy)] + members.map { (pointer: field.pointer(to: $0), setBy: $0.setBy) }
        }
    }
}

/// One field of a document.
package struct DocumentField: Sendable {
    package let name: String
    /// A collection is an object whose members are its elements.
    package let value: JSONValue
    /// The last event that changed the value, or anything in it.
    package let setBy: EventStamp
    /// The elements of a collection in the order of their keys; empty for everything else.
    package let members: [DocumentMember]

    /// Source: RFC 6901.
    package var pointer: String { Problem.pointer("", to: name) }
    package func pointer(to member: DocumentMember) -> String { Problem.pointer(pointer, to: member.key) }
}

/// One element of a collection.
package struct DocumentMember: Sendable {
    package let key: String
    package let value: JSONValue
    package let setBy: EventStamp
}
