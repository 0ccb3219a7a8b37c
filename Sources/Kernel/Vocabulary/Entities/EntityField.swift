/// One field of an entity as the API shows it: how it is read from what there is, compared, and written as JSON.
///
/// Values are compared as they are and not as JSON. Texts and arrays that share their storage are equal at a glance, so that following an
/// entity through n events costs about n comparisons a field.
package struct EntityField<Subject, Event>: Sendable {
    package let name: String
    let tracker: @Sendable () -> any FieldTracker<Subject, Event>

    /// A value that is attributed as a whole.
    package static func value<Value: Equatable & Sendable>(
        _ name: String, _ read: @escaping @Sendable (Subject) -> Value, json: @escaping @Sendable (Value) -> JSONValue
    ) -> EntityField {
        EntityField(name: name) { ValueTracker(name: name, read: read, json: json) }
    }

    /// A text, or null.
    package static func text(_ name: String, _ read: @escaping @Sendable (Subject) -> String?) -> EntityField {
        value(name, read, json: JSONValue.optional)
    }

    /// An integer, or null.
    package static func integer(_ name: String, _ read: @escaping @Sendable (Subject) -> Int?) -> EntityField {
        value(name, read) { $0.map { .int($0) } ?? .null }
    }

    package static func flag(_ name: String, _ read: @escaping @Sendable (Subject) -> Bool) -> EntityField {
        value(name, read, json: JSONValue.bool)
    }

    /// An id, or null.
    package static func id<Named>(_ name: String, _ read: @escaping @Sendable (Subject) -> Identifier<Named>?) -> EntityField {
        value(name, read) { $0.map(JSONValue.id) ?? .null }
    }

    /// A time, or null.
    package static func time(_ name: String, _ read: @escaping @Sendable (Subject) -> Timestamp?) -> EntityField {
        value(name, read) { $0.map(JSONValue.time) ?? .null }
    }

    /// One of a few words, or null.
    package static func choice<Choice: RawRepresentable & Equatable & Sendable>(
        _ name: String, _ read: @escaping @Sendable (Subject) -> Choice?
    ) -> EntityField where Choice.RawValue == String {
        value(name, read) { .optional($0?.rawValue) }
    }

    /// A collection whose elements are attributed one by one: all its keys, and the element of a key.
    ///
    /// `touched` says which elements an event may have changed, so that an event costs what it touches and not what there is.
    package static func members<Key: MemberKey, Value: Equatable & Sendable>(
        _ name: String, keys: @escaping @Sendable (Subject) -> [Key], value: @escaping @Sendable (Subject, Key) -> Value?,
        touched: @escaping @Sendable (Event) -> TouchedMembers<Key>, json: @escaping @Sendable (Value) -> JSONValue
    ) -> EntityField {
        EntityField(name: name) { MembersTracker(name: name, keys: keys, read: value, touched: touched, json: json) }
    }
}

/// What tells the elements of a collection apart; its description is the element's name in JSON.
package typealias MemberKey = Comparable & CustomStringConvertible & Hashable & Sendable

/// The elements of a collection that an event may have changed.
package enum TouchedMembers<Key: Sendable>: Sendable {
    case only([Key])
    /// Every element has to be looked at.
    case any

    package static var none: TouchedMembers { .only([]) }
}
