import Domain
import EventSourcing
import Vocabulary

/// The past of every kind of entity: how it was at a moment, its events, and what differs between two moments.
enum TimeTravelRoutes {
    /// Events of a page when the caller does not say.
    private static let defaultLimit = 50

    static let all = EntityKinds.all.flatMap(routes)

    /// A space has the routes of its customers, since the same part of a path names either.
    private static func routes(of kind: EntityKind) -> [Route] {
        guard let base = base(of: kind) else { return [] }
        let title = kind.name.prefix(1).uppercased() + kind.name.dropFirst()
        let permission = Permission(.audit, .read)
        return [
            Route(
                "GET", "\(base)/as-of", "get\(title)AsOf", permission, "Read the \(kind.name) as it was, with the event that set each field",
                query: ["at", "position", "version"], output: "PastEntity", handler: { try await asOf(kind, $0, $1) }),
            Route(
                "GET", "\(base)/history", "list\(title)History", permission, "List the \(kind.name)'s events, oldest first",
                query: ["limit", "cursor"], output: "History", handler: { try await history(kind, $0, $1) }),
            Route(
                "GET", "\(base)/diff", "diff\(title)", permission, "Compare the \(kind.name) at two moments", query: ["from", "to"],
                output: "Diff", handler: { try await diff(kind, $0, $1) }),
        ]
    }

    private static func base(of kind: EntityKind) -> String? {
        let tenant = "/api/v1/tenants/{tid}"
        return switch kind.stream {
        case .ofItsOwn(let collection, _): "\(tenant)/\(collection)/{id}"
        case .onePerTenant(let path, _): "\(tenant)/\(path)"
        case .customer: tenant
        case .space: nil
        }
    }

    private static func asOf(_ kind: EntityKind, _ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        var query = request.query
        let moment = try query.onlyMoment()
        let place = try await PastPlace(of: kind, "id", request, services)
        let entity = try place.found(try await services.travel.asOf(place.kind, at: place.address, moment), at: moment)
        return .json(place.json(entity))
    }

    private static func history(_ kind: EntityKind, _ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        var query = request.query
        let limit = query.limit() ?? defaultLimit
        let start = query.convert("cursor", "the nextCursor of the page before") { text in Int32(text).flatMap { $0 > 0 ? StreamVersion($0) : nil } }
        try query.finish()
        let place = try await PastPlace(of: kind, "id", request, services)
        // One more than the page tells whether there is another.
        let past = try await services.travel.history(place.kind, at: place.address, after: start ?? .none, limit: limit + 1)
        let entries = try place.found(past, at: .now)
        let cursor = entries.count > limit ? entries[limit - 1].event.version : nil
        return .json([
            "data": .array(entries.prefix(limit).map(\.json)),
            "page": ["nextCursor": .optional(cursor.map { "\($0)" }), "hasMore": .bool(cursor != nil)],
        ])
    }

    private static func diff(_ kind: EntityKind, _ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        var query = request.query
        let (from, to) = (query.moment("from"), query.moment("to") ?? .now)
        if query.text("from") == nil { query.report("from", "is required: a time, position:N or version:N") }
        try query.finish()
        let place = try await PastPlace(of: kind, "id", request, services)
        do {
            let past = try await services.travel.diff(place.kind, at: place.address, from: from ?? .now, to: to)
            return .json(place.json(try place.found(past, at: to)))
        } catch let reversed as ReversedMoments { throw APIError.invalid("/to", "must not be before from: \(reversed)") }
    }
}

extension QueryFields {
    private static let forms = "a time such as 2026-03-01T09:30:00Z, position:N or version:N"

    /// A moment in any of its forms.
    mutating func moment(_ name: String) -> Moment? { convert(name, Self.forms) { Moment($0) } }

    /// The moment that one of `at`, `position` and `version` names; now without any. Throws everything that was found.
    mutating func onlyMoment() throws(APIError) -> Moment {
        let named = ["at", "position", "version"].filter { text($0) != nil }
        let moments = [
            moment("at"), convert("position", "an integer from 1") { Moment("position:\($0)") },
            convert("version", "an integer from 1") { Moment("version:\($0)") },
        ]
        for name in named.dropFirst() { report(name, "cannot be given together with \(named[0])") }
        try finish()
        return moments.compactMap { $0 }.first ?? .now
    }
}
