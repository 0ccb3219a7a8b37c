/// An entity's rules as three pure functions: the same state and command always give the same answer.
///
/// No clock, no random number and no I/O: what a decision needs arrives in the command or as `now`.
package protocol Decider: Sendable {
    associatedtype Command: Sendable
    associatedtype Event: DomainEvent
    /// Its coding is how it is kept in a snapshot; members that change their name or meaning ask for another `foldVersion`.
    associatedtype State: Sendable & Codable
    associatedtype Refusal: Rejection
    /// What a state has to show while the entity exists.
    associatedtype Subject: Sendable

    /// The first word of the entity's event names, `workflow`; also what the audit log calls the resource.
    static var category: Category { get }
    static var initialState: State { get }
    /// Raised by hand when `evolve` comes to another state from the same events, or the state changes its shape: snapshots of other
    /// versions are not used.
    static var foldVersion: Int32 { get }

    /// What happens when `command` meets `state`: the events, none if there is nothing to do, or a lawful no.
    static func decide(_ command: Command, _ state: State, now: Timestamp) throws(Refusal) -> [Event]
    /// The state after one more event.
    static func evolve(_ state: consuming State, _ event: Event) -> State
    /// What there is to show; nil before the entity exists and after it is gone.
    static func subject(of state: State) -> Subject?
    /// The subject's fields by the names and in the order of the API; a change of the state is a change of a field.
    static var fields: [EntityField<Subject, Event>] { get }
    /// What the audit log calls the command, `workflow.publish`.
    static func action(of command: Command) -> String
    /// The names that an event claims for its entity; they are unique by a row written with the event.
    static func reservations(of event: Event) -> [Reservation]
    /// The names that an event gives back.
    static func releases(of event: Event) -> [Reservation]
    /// How an event changes the stream's work; it is written with the event.
    static func work(of event: Event) -> WorkChange?
    /// The key under which the entity's data is encrypted; nil is its tenant's.
    static func dataKey(of state: State) -> DataKeyID?
}

extension Decider {
    package static var foldVersion: Int32 { 1 }
    package static func reservations(of event: Event) -> [Reservation] { [] }
    package static func releases(of event: Event) -> [Reservation] { [] }
    package static func work(of event: Event) -> WorkChange? { nil }
    package static func dataKey(of state: State) -> DataKeyID? { nil }

    /// One more event, applied while nobody else holds the state, so that collections in it are changed in place.
    package static func apply(_ event: Event, to state: inout State) {
        var current = initialState
        swap(&current, &state)
        state = evolve(current, event)
    }
}

/// A kind of entity, also the prefix of its events' names.
package struct Category: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }
}

/// Something that happened, named in the past tense, with a form that is stored for ever.
package protocol DomainEvent: Sendable {
    /// How the log stores it. A form once written never changes: a new shape is a new schema version.
    var stored: StoredForm { get }
    /// Reads the newest form of each type; callers use `restore`, which reads every form that was ever written.
    static func decode(_ form: StoredForm) throws(StoredFormError) -> Self
    /// How older forms become newer ones, one step for each version that was ever left behind.
    static var upcasters: [Upcaster] { get }
}

/// An event as the log stores it: a name, the version of its shape, a JSON head and, for payloads, bytes as they came.
package struct StoredForm: Hashable, Sendable {
    /// `workflow.published`: category, then a past tense.
    package let type: String
    /// The version of the shape, from 1.
    package let schema: Int16
    package let head: JSONValue
    /// Bytes that are kept as they came, such as a webhook's body.
    package let attachment: [UInt8]?
    /// The members of the head that hold somebody's data, each with what stands in its place once that is erased; the attachment is such
    /// data then too. Nil when nothing is. Whoever stores the form encrypts these members and keeps the others as they are.
    package let stubs: JSONObject?
    /// Whether the data is gone, and the stubs stand in its place.
    package let isErased: Bool

    package init(
        _ type: String, schema: Int16 = 1, _ head: JSONValue, attachment: [UInt8]? = nil, stubs: JSONObject? = nil, isErased: Bool = false
    ) {
        self.type = type
        self.schema = schema
        self.head = head
        self.attachment = attachment
        self.stubs = stubs
        self.isErased = isErased
    }
}

/// Stored bytes that this release cannot read; it stops the one entity they belong to.
package struct StoredFormError: Error, Hashable, Sendable, CustomStringConvertible {
    package let type: String
    package let schema: Int16
    /// The member that is missing or of the wrong kind; nil when the type itself is unknown.
    package let member: String?

    package init(_ form: StoredForm, member: String? = nil) {
        type = form.type
        schema = form.schema
        self.member = member
    }

    package var description: String {
        member.map { "event \(type) v\(schema): member \($0) is missing or malformed" } ?? "event \(type) v\(schema) is not known to this release"
    }
}

/// A lawful no: the command was understood and refused.
package protocol Rejection: Error, Sendable, CustomStringConvertible {
    /// How a caller tells the cases apart.
    var kind: RejectionKind { get }
    /// The members of the request that are at fault, when some are.
    var problems: [Problem] { get }
}

extension Rejection {
    package var problems: [Problem] { [] }
}

/// One member of a request that is at fault, and the remedy.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// JSON pointer into the request's body, `/routes/0/workflow`. Source: RFC 6901.
    package let pointer: String
    /// What is wrong and what would be right.
    package let message: String

    package init(_ pointer: String, _ message: String) {
        self.pointer = pointer
        self.message = message
    }

    /// The pointer to a member whose name anybody may have chosen: `~` and `/` in it are escaped. Source: RFC 6901 section 3.
    package static func pointer(_ parent: String, to member: String) -> String {
        parent
            + member.unicodeScalars.reduce(into: "/") { text, scalar in
                switch scalar {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(scalar)
                }
            }
    }

    package var description: String { "\(pointer): \(message)" }
}

/// What a refusal means to a caller, whatever the entity.
package enum RejectionKind: String, Sendable {
    case invalid
    case notFound = "not_found"
    case conflict
}

/// A claim to a name that is unique within a scope, such as a workflow's slug within its tenant.
package struct Reservation: Hashable, Sendable {
    package let scope: TenantID
    /// What kind of name it is, `workflow.slug`.
    package let kind: String
    package let key: String

    package init(scope: TenantID, kind: String, key: String) {
        self.scope = scope
        self.kind = kind
        self.key = key
    }
}

/// What a worker does for a stream.
package enum WorkKind: String, Sendable, CaseIterable {
    /// Match a received event with triggers' routes.
    case route
    /// Execute or continue a run.
    case run
    /// Destroy the key of somebody's data.
    case erase
}

/// How an event changes the one job that its stream may have.
package enum WorkChange: Hashable, Sendable {
    /// A worker is wanted, not before `due`; nil means at once. Replaces what was asked before.
    case asks(WorkKind, due: Timestamp?)
    /// Nothing is left to do: the outcome is this event.
    case done
}
