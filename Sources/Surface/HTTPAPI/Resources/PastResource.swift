import Domain
import EventSourcing
import Placement
import Vocabulary

/// Entities as they were, in the shape in which they are read today, as far as their events tell.
enum PastResource {
    /// Makes today's shape of a document's fields.
    typealias Shape = @Sendable (PastEntity, EntityDocument, Regions) -> JSONObject

    /// A handler that answers what was at the moment that `asOf` names, and without it what `now` answers.
    static func orNow(
        _ kind: EntityKind, id: String?, shape: @escaping Shape = { _, document, _ in document.json }, _ now: @escaping Route.Handler
    ) -> Route.Handler {
        { request, services in
            var query = request.query
            let moment = query.moment("asOf")
            try query.finish()
            guard let moment else { return try await now(request, services) }
            let place = try await PastPlace(of: kind, id, request, services)
            let entity = try place.found(try await services.travel.asOf(place.kind, at: place.address, moment), at: moment)
            guard let document = entity.document else {
                throw APIError(.notFound, "The \(place.kind.name) was gone at \(moment): \(entity.last.type) at \(entity.last.recordedAt).")
            }
            return .json(.object(resource(entity, shape(entity, document, services.placement.regions))))
        }
    }

    /// The entity as reads show it; nil when it is gone.
    static func json(_ entity: PastEntity) -> JSONValue? { entity.document.map { .object(resource(entity, $0.json)) } }

    /// Members that time travel shows and the resource does not have.
    private static let hidden: Set<String> = [
        "secretId", "published", "hash", "engine", "cancelRequested", "logLines", "starts", "timeWorkedMs",
    ]

    private static func resource(_ entity: PastEntity, _ fields: JSONObject) -> JSONObject {
        var object: JSONObject = ["id": .id(entity.address.stream), "tenantId": .id(entity.address.tenant)]
        for field in fields.members where !hidden.contains(field.name) { object.append(field.name, field.value) }
        object.append("createdAt", .time(entity.first.recordedAt))
        object.append("updatedAt", .time(entity.last.recordedAt))
        return object
    }

    /// Where a customer lives does not change.
    @Sendable static func tenant(_ entity: PastEntity, _ document: EntityDocument, _ regions: Regions) -> JSONObject {
        var object = document.json
        object.append("region", .string(regions[entity.address.tenant].name))
        return object
    }

    /// Versions are a list, newest first.
    @Sendable static func workflow(_: PastEntity, _ document: EntityDocument, _: Regions) -> JSONObject {
        var object = document.json
        object["enabled"] = nil
        let versions: [JSONValue] = (document.field("versions")?.members ?? []).reversed().map { version in
            [
                "version": Int(version.key).map { .int($0) } ?? .null, "hash": version.value, "publishedAt": .time(version.setBy.recordedAt),
                "publishedBy": .string(version.setBy.principal.id),
            ]
        }
        object["versions"] = .array(versions)
        return object
    }

    /// Steps are a list; times that the journal does not hold are those of the events.
    @Sendable static func execution(_: PastEntity, _ document: EntityDocument, _: Regions) -> JSONObject {
        var object = document.json
        object["retry"] = nil
        object["timeoutMs"] = nil
        for name in ["error", "output", "waiting"] where object[name]?.isNull ?? true { object[name] = nil }
        if let waiting = document.field("waiting"), let reason = waiting.value["reason"] {
            object["waiting"] = ["reason": reason, "since": .time(waiting.setBy.recordedAt)]
        }
        object["endedAt"] = endedAt(document).map(JSONValue.time) ?? .null
        object["steps"] = .array((document.field("steps")?.members ?? []).map(\.value))
        return object
    }

    private static func endedAt(_ document: EntityDocument) -> Timestamp? {
        guard let field = document.field("status"), let status = field.value.string.flatMap(RunStatus.init(rawValue:)) else { return nil }
        return status.isEnd ? field.setBy.recordedAt : nil
    }

    /// The body as text, where it is text.
    @Sendable static func event(_ entity: PastEntity, _ document: EntityDocument, _: Regions) -> JSONObject {
        var object = document.json
        object["receivedAt"] = .time(entity.first.recordedAt)
        object["contentType"] = document.field("headers")?.value["content-type"] ?? .null
        if object["body"]?.isNull ?? true { object["body"] = nil } else { object["bodyEncoding"] = "utf8" }
        return object
    }
}
