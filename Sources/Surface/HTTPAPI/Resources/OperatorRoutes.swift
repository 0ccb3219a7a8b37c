import EventSourcing
import Projections
import Vocabulary

/// How the installation fares: for operators, monitors and `fastn status`.
enum OperatorRoutes {
    /// Parked streams that one answer describes; the rest are counted.
    private static let parkedLimit = 100

    static let all = [
        Route(
            "GET", "/api/v1/operator/status", "getStatus", Permission(.operations, .read), "How the server's parts fare", output: "Status",
            handler: status),
        Route("GET", "/metrics", "getMetrics", nil, "Figures for Prometheus", handler: metrics),
    ]

    @Sendable private static func status(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let space = try request.signedIn.space
        // The streams of other spaces are counted and not named.
        var parked: [ParkedStream] = []
        for stream in try await services.projections.parkedStreams() where try await services.catalog.space(of: stream.tenant) == space {
            parked.append(stream)
        }
        var views: [JSONValue] = []
        for health in await ProjectionHealth.all(services) {
            views.append(health.json(parked: parked.filter { $0.projection == health.status.name }.prefix(parkedLimit)))
        }
        let cluster = try await services.cluster()
        return .json([
            "nodes": cluster.nodesJSON, "projections": .array(views), "entities": services.memory.report.json, "slices": cluster.slicesJSON,
        ])
    }

    @Sendable private static func metrics(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let text = PrometheusText.write(ProjectionHealth.metrics(await ProjectionHealth.all(services)) + services.memory.report.metrics)
        return APIResponse(status: 200, headers: [("content-type", PrometheusText.contentType)], body: Array(text.utf8))
    }
}

/// How one view stands, with what must be asked of the log.
struct ProjectionHealth {
    let status: ProjectionStatus
    /// How long ago the oldest event was recorded that is not in the view: zero when all are, nil when the log does not answer.
    let oldestUnprocessed: Duration?

    static func all(_ services: APIServices) async -> [ProjectionHealth] {
        var all: [ProjectionHealth] = []
        for status in services.projections.status {
            let age: Duration?
            // A log that does not answer must not hide what is known without it.
            do {
                let oldest = try await services.projections.oldestUnprocessed(of: status.name)
                age = oldest.map { max(.zero, services.ids.now() - $0) } ?? .zero
            } catch { age = nil }
            all.append(ProjectionHealth(status: status, oldestUnprocessed: age))
        }
        return all
    }

    func json(parked: some Sequence<ParkedStream>) -> JSONValue {
        [
            "name": .string(status.name.rawValue), "state": .string(status.state.rawValue), "healthy": .bool(status.state.isHealthy),
            "lag": .int(status.lag), "oldestUnprocessedSeconds": oldestUnprocessed.map { .double($0.inSeconds) } ?? .null,
            "heartbeatSeconds": .double(status.sinceHeartbeat.inSeconds), "failure": .optional(status.failure),
            "parkedStreams": .int(status.parkedCount), "parked": .array(parked.map(\.json)),
        ]
    }

    /// A family for each figure; a sample is missing where the log does not answer.
    static func metrics(_ all: [ProjectionHealth]) -> [PrometheusText.Figure] {
        func gauge(_ name: String, _ help: String, _ value: (ProjectionHealth) -> Double?) -> PrometheusText.Figure {
            PrometheusText.Figure(
                name: "fastn_projection_\(name)", help: help,
                samples: all.compactMap { health in value(health).map { (labels: [("projection", health.status.name.rawValue)], value: $0) } })
        }
        return [
            gauge("lag_events", "Events in the log that are not in the view.") { Double($0.status.lag) },
            gauge("oldest_unprocessed_seconds", "Age of the oldest event that is not in the view.") { $0.oldestUnprocessed?.inSeconds },
            gauge("heartbeat_age_seconds", "Time since the view's loop went round, with or without work.") { $0.status.sinceHeartbeat.inSeconds },
            gauge("healthy", "1 while the view follows the log, 0 when it stands still.") { $0.status.state.isHealthy ? 1 : 0 },
            gauge("parked_streams", "Streams that the view has put aside.") { Double($0.status.parkedCount) },
        ]
    }
}

extension EntityReport {
    fileprivate var json: JSONValue {
        [
            "inMemory": .int(residents), "serving": .int(serving), "bytes": .int(bytes), "hits": .int(hits), "misses": .int(misses),
            "dropped": .int(evictions),
        ]
    }

    fileprivate var metrics: [PrometheusText.Figure] {
        func figure(_ name: String, _ kind: PrometheusText.Figure.Kind, _ help: String, _ value: Int) -> PrometheusText.Figure {
            PrometheusText.Figure(name: "fastn_entities_\(name)", help: help, kind: kind, samples: [(labels: [], value: Double(value))])
        }
        return [
            figure("in_memory", .gauge, "Entities in memory.", residents),
            figure("serving", .gauge, "Entities that serve somebody now.", serving),
            figure("bytes", .gauge, "Memory that entities take, by estimate.", bytes),
            figure("hits_total", .counter, "Callers whose entity was in memory.", hits),
            figure("misses_total", .counter, "Callers whose entity was loaded or made.", misses),
            figure("dropped_total", .counter, "Entities dropped to make room.", evictions),
        ]
    }
}

extension ParkedStream {
    fileprivate var json: JSONValue {
        [
            "tenantId": .id(tenant), "stream": .id(stream), "category": .string(category), "position": .string("\(position)"),
            "version": .int(version.number), "type": .string(type), "reason": .string(reason), "parkedAt": .time(parkedAt),
        ]
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
