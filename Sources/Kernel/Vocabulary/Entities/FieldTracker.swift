/// Follows one field through an entity's events and remembers which of them set it.
protocol FieldTracker<Subject, Event>: Sendable {
    associatedtype Subject
    associatedtype Event

    /// Takes what there is after an event, nil when there is nothing; adds the JSON pointers of what the event changed to `changes`.
    mutating func observe(_ subject: Subject?, after event: Event, _ stamp: EventStamp, _ changes: inout [String])
    /// The field as it stands; nil when there is nothing.
    var shown: DocumentField? { get }
}

/// A field that is attributed as a whole.
struct ValueTracker<Subject, Event, Value: Equatable & Sendable>: FieldTracker {
    let name: String
    let read: @Sendable (Subject) -> Value
    let json: @Sendable (Value) -> JSONValue
    private var held: (value: Value, setBy: EventStamp)?

    init(name: String, read: @escaping @Sendable (Subject) -> Value, json: @escaping @Sendable (Value) -> JSONValue) {
        self.name = name
        self.read = read
        self.json = json
    }

    mutating func observe(_ subject: Subject?, after event: Event, _ stamp: EventStamp, _ changes: inout [String]) {
        let value = subject.map(read)
        guard value != held?.value else { return }
        held = value.map { ($0, stamp) }
        changes.append(Problem.pointer("", to: name))
    }

    var shown: DocumentField? { held.map { DocumentField(name: name, value: json($0.value), setBy: $0.setBy, members: []) } }
}

/// A collection whose elements are attributed one by one.
///
/// Keeps the elements and not the collection, which would otherwise be copied whole by the next event that changes it.
struct MembersTracker<Subject, Event, Key: MemberKey, Value: Equatable & Sendable>: FieldTracker {
    let name: String
    let keys: @Sendable (Subject) -> [Key]
    let read: @Sendable (Subject, Key) -> Value?
    let touched: @Sendable (Event) -> TouchedMembers<Key>
    let json: @Sendable (Value) -> JSONValue
    private var held: [Key: (value: Value, setBy: EventStamp)] = [:]
    /// The last event that changed anything in it; nil while there is nothing.
    private var setBy: EventStamp?

    init(
        name: String, keys: @escaping @Sendable (Subject) -> [Key], read: @escaping @Sendable (Subject, Key) -> Value?,
        touched: @escaping @Sendable (Event) -> TouchedMembers<Key>, json: @escaping @Sendable (Value) -> JSONValue
    ) {
        self.name = name
        self.keys = keys
        self.read = read
        self.touched = touched
        self.json = json
    }

    private var pointer: String { Problem.pointer("", to: name) }

    mutating func observe(_ subject: Subject?, after event: Event, _ stamp: EventStamp, _ changes: inout [String]) {
        guard let subject else {
            if setBy != nil { changes.append(pointer) }
            (held, setBy) = ([:], nil)
            return
        }
        let isNew = setBy == nil
        if isNew {
            setBy = stamp
            changes.append(pointer)
        }
        switch isNew ? .any : touched(event) {
        case .only(let keys): for key in keys { settle(key, read(subject, key), stamp, &changes) }
        case .any: settleAll(subject, stamp, &changes)
        }
    }

    private mutating func settleAll(_ subject: Subject, _ stamp: EventStamp, _ changes: inout [String]) {
        let present = Set(keys(subject))
        for key in present.sorted() { settle(key, read(subject, key), stamp, &changes) }
        for key in held.keys.filter({ !present.contains($0) }).sorted() { settle(key, nil, stamp, &changes) }
    }

    private mutating func settle(_ key: Key, _ value: Value?, _ stamp: EventStamp, _ changes: inout [String]) {
        guard value != held[key]?.value else { return }
        held[key] = value.map { ($0, stamp) }
        setBy = stamp
        changes.append(Problem.pointer(pointer, to: key.description))
    }

    var shown: DocumentField? {
        guard let setBy else { return nil }
        let members = held.sorted { $0.key < $1.key }.map { key, element in
            DocumentMember(key: key.description, value: json(element.value), setBy: element.setBy)
        }
        let value = JSONValue.object(JSONObject(members.map { (name: $0.key, value: $0.value) }))
        return DocumentField(name: name, value: value, setBy: setBy, members: members)
    }
}
