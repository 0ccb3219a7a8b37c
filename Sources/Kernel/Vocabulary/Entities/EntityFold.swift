/// An entity of any kind, followed through its events with the event that set each field.
package protocol EntityFolding: Sendable {
    /// Applies one more event; answers the JSON pointers of the fields that it changed. Throws for bytes that this release cannot read.
    mutating func apply(_ form: StoredForm, _ stamp: EventStamp) throws(StoredFormError) -> [String]
    /// What there is after the events so far; nil before the entity exists and after it is gone.
    var document: EntityDocument? { get }
}

/// The fold of one decider's entities.
struct EntityFold<D: Decider>: EntityFolding {
    private var state = D.initialState
    private var trackers = D.fields.map { $0.tracker() }

    mutating func apply(_ form: StoredForm, _ stamp: EventStamp) throws(StoredFormError) -> [String] {
        let event = try D.Event.restore(form)
        D.apply(event, to: &state)
        let subject = D.subject(of: state)
        var changes: [String] = []
        for index in trackers.indices { trackers[index].observe(subject, after: event, stamp, &changes) }
        return changes
    }

    var document: EntityDocument? { D.subject(of: state) == nil ? nil : EntityDocument(trackers.compactMap(\.shown)) }
}
