import Domain
import EventSourcing
import Projections
import Vocabulary

/// A request's write: its command's id and what is made of it.
///
/// With the header `Idempotency-Key` the command's id follows from the key, the caller and the route, so that the same request sent again
/// meets the answer that the first one had. Source: draft-ietf-httpapi-idempotency-key-header-07.
struct Write: Sendable {
    /// Longest key that is taken.
    static let longestKey = 200
    /// How long a write waits until reads show it.
    private static let visibilityTimeout = Duration.seconds(2)
    /// How often a change is made anew because somebody else's came first: each time somebody did save, so that few of them are enough.
    private static let changeRetries = 3

    let envelope: CommandEnvelope
    /// Whether the caller may send the request again and mean this one.
    let isRepeatable: Bool
    private let services: APIServices

    init(_ request: APIRequest, _ services: APIServices) throws(APIError) {
        let caller = try request.signedIn
        self.services = services
        let command: CommandID
        let key = try request.head.headers.single("idempotency-key")
        isRepeatable = key != nil
        if let key {
            guard key.utf8.count <= Self.longestKey else {
                throw APIError(.validationFailed, "the header Idempotency-Key must be at most \(Self.longestKey) bytes")
            }
            command = RequestIdentity.digest(caller.key.description, request.head.method, request.head.path, key)
        } else {
            command = services.ids.next()
        }
        envelope = CommandEnvelope(
            commandID: command, principal: caller.principal, correlation: request.head.correlation, lane: .p1, isRemembered: isRepeatable)
    }

    /// The id of what the command creates: the same for the same command.
    func newID<S>(_: S.Type = S.self) -> Identifier<S> { envelope.commandID.recast() }

    /// Makes a change of what is there and saves it; when somebody else has saved meanwhile, makes it anew of what is there then.
    ///
    /// Members that only one of them names are kept so. Throws `EntityRejection.outdated` when others are always first.
    func overWhatIsThere<Answer>(_ change: () async throws -> Answer) async throws -> Answer {
        for _ in 0..<Self.changeRetries {
            do { return try await change() } catch EntityRejection.outdated { continue }
        }
        return try await change()
    }

    /// Waits, within bounds, until `views` show everything up to `position`.
    private func isVisible(_ position: LogPosition?, in views: [ProjectionName] = [.catalog]) async -> Bool {
        guard let position else { return true }
        return await services.projections.wait(for: position, in: views, timeout: Self.visibilityTimeout)
    }

    /// The answer to a write of which there is nothing to show.
    func done(at position: LogPosition?) async -> APIResponse {
        _ = await isVisible(position)
        return APIResponse(status: 204, headers: Self.headers(of: position))
    }

    /// Where the write's last event is, for reads that must show it; none when nothing happened.
    static func headers(of position: LogPosition?) -> [(name: String, value: String)] {
        position.map { [(name: MinimumPosition.writeHeader, value: "\($0)")] } ?? []
    }

    /// The answer to a write: what `read` shows of the thing of that id once the views show the write.
    ///
    /// When they lag, the write has happened all the same; then 202 names the thing and nothing more.
    func answer<S>(
        _ id: Identifier<S>, after position: LogPosition?, in views: [ProjectionName] = [.catalog], status: Int = 200, at location: String? = nil,
        _ read: () async throws -> JSONValue?
    ) async throws -> APIResponse {
        let headers = (location.map { [(name: "location", value: $0)] } ?? []) + Self.headers(of: position)
        guard await isVisible(position, in: views), let json = try await read() else { return .json(["id": .id(id)], status: 202, headers: headers) }
        return .json(json, status: status, headers: headers)
    }
}
