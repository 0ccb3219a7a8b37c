import Domain
import EventSourcing
import Projections
import Vocabulary

/// The entity whose past a request asks for: its kind, and where its events are.
struct PastPlace {
    let kind: EntityKind
    let address: StreamAddress

    /// `parameter` is the part of the path that holds the id, where the kind has ids; what is not an id names nothing.
    ///
    /// A path that names a customer leads to that customer's entities, one that names the space to those of all its customers too.
    init(of kind: EntityKind, _ parameter: String?, _ request: APIRequest, _ services: APIServices) async throws {
        let caller = try request.signedIn
        var (kind, owner, id) = (kind, caller.tenant, StreamID?.none)
        switch kind.stream {
        case .ofItsOwn:
            let named: StreamID = try request.id(parameter ?? "")
            if owner == caller.space { owner = try await services.reads.owner(of: named, caller.scope) ?? owner }
            id = named
        case .customer where owner == caller.space: kind = EntityKinds.space
        case .onePerTenant, .customer, .space: break
        }
        guard let address = kind.address(of: id, in: owner) else { throw APIError.notFound }
        self.kind = kind
        self.address = address
    }

    /// What was found, or 404. That an entity began later is told, since its id must be known to whoever may read its tenant.
    func found<Found>(_ past: Past<Found>, at moment: Moment) throws(APIError) -> Found {
        switch past {
        case .found(let found): return found
        case .unknown: throw .notFound
        case .notYet(let first):
            let beginning = "\(first.recordedAt), position \(first.position.position)"
            throw APIError(.notFound, "The \(kind.name) did not exist at \(moment); it began at \(beginning).")
        }
    }

    private var named: JSONObject { ["kind": .string(kind.name), "id": .id(address.stream), "tenantId": .id(address.tenant)] }

    /// The entity with the event that set each field. `state` is null when it was gone by then.
    func json(_ entity: PastEntity) -> JSONValue {
        var object = named
        object.append("createdAt", .time(entity.first.recordedAt))
        object.append("event", entity.last.json)
        object.append("state", entity.document.map { .object($0.json) } ?? .null)
        let attributions = entity.document?.attributions ?? []
        object.append("setBy", .object(JSONObject(attributions.map { (name: $0.pointer, value: $0.setBy.json) })))
        return .object(object)
    }

    /// What differs between two moments; `from` is null when the entity did not exist yet.
    func json(_ diff: EntityDiff) -> JSONValue {
        var object = named
        object.append("from", diff.from?.last.json ?? .null)
        object.append("to", diff.to.last.json)
        object.append("changes", .array(diff.changes.map(\.json)))
        return .object(object)
    }
}

extension HistoryEntry {
    /// The event and the fields that it changed.
    var json: JSONValue { event.json.with("changes", .array(changes.map(JSONValue.string))) }
}

extension FieldChange {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["field": .string(pointer), "change": .string(before == nil ? "added" : after == nil ? "removed" : "changed")]
        if let before { object.append("before", before) }
        if let after { object.append("after", after) }
        object.append("setBy", setBy.json)
        return .object(object)
    }
}
