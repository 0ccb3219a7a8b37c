/// A kind of entity without its types: what it is called, how an id leads to its stream, and how its events are folded.
package struct EntityKind: Sendable {
    /// Which of a tenant's streams an entity of the kind has.
    package enum Stream: Sendable {
        /// Its own: there are many, each with an id, under this part of a URL: `workflows`.
        case ofItsOwn(collection: String, isMonthly: Bool)
        /// One in a tenant, under this part of a URL; its id follows from the tenant's.
        case onePerTenant(path: String, id: @Sendable (TenantID) -> StreamID)
        /// That of a customer, who is the entity.
        case customer
        /// That of a space, which is the entity.
        case space
    }

    package let category: Category
    /// What people call one: `workflow`, `execution`.
    package let name: String
    package let stream: Stream
    /// An entity of which nothing has happened yet.
    package let begin: @Sendable () -> any EntityFolding
    private let events: any DomainEvent.Type

    /// `name` is the category's where it is not given.
    package init<D: Decider>(_: D.Type, name: String? = nil, _ stream: Stream) {
        category = D.category
        self.name = name ?? D.category.name
        self.stream = stream
        begin = { EntityFold<D>() }
        events = D.Event.self
    }

    /// Whether this release reads events of that type and version in the kind's streams.
    package func knows(_ type: String, schema: Int16) -> Bool { events.knows(type, schema: schema) }
}
