package import Vocabulary

/// An entity as it was at a moment.
package struct PastEntity: Sendable {
    package let address: StreamAddress
    /// Its first event.
    package let first: EventStamp
    /// The last event that had happened.
    package let last: EventStamp
    /// Nil when it was gone by then; `last` says how.
    package let document: EntityDocument?
}

/// What is found when one looks for an entity at a moment.
package enum Past<Found: Sendable>: Sendable {
    case found(Found)
    /// It began later, with this event.
    case notYet(first: EventStamp)
    /// There is no such entity.
    case unknown
}

/// One event of an entity and the fields that it changed, as JSON pointers.
package struct HistoryEntry: Sendable {
    package let event: EventStamp
    package let changes: [String]
}

/// What became of an entity between two moments.
package struct EntityDiff: Sendable {
    /// Nil when it did not exist yet.
    package let from: PastEntity?
    package let to: PastEntity
    /// In the order of the document's fields.
    package let changes: [FieldChange]
}

/// One field that is not what it was.
package struct FieldChange: Sendable {
    /// Source: RFC 6901.
    package let pointer: String
    /// Nil when it was added.
    package let before: JSONValue?
    /// Nil when it was removed.
    package let after: JSONValue?
    /// The last event that changed it.
    package let setBy: EventStamp
}
