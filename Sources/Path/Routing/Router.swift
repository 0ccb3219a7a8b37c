import Cryptography
package import Domain
package import EventSourcing
import Vocabulary

/// Matches a received event with its trigger's routes and asks for a run for each that it takes; two matching routes are two runs.
///
/// A run's id follows from event and route, so however often an event is routed there is one run a route.
package struct Router: WorkHandler {
    private let store: any EventStore
    private let runs: EntityDirectory<RunDecider>
    private let catalog: any Catalog
    private let recent: RecentEvents
    private let ids: any IDSource

    /// `runs` keeps no refusal trail: a run that exists already is the expected answer to a second routing, not an attempt to audit.
    package init(
        store: any EventStore, runs: EntityDirectory<RunDecider>, catalog: any Catalog, recent: RecentEvents, ids: any IDSource
    ) {
        self.store = store
        self.runs = runs
        self.catalog = catalog
        self.recent = recent
        self.ids = ids
    }

    package func perform(_ job: Job) async throws {
        let address = StreamAddress.monthly(ReceivedEventDecider.self, job.stream, in: job.tenant)
        guard let stored = try await firstEvent(of: address) else { return }
        guard case .received(let event) = try ReceivedEventEvent.restore(stored.form) else { throw StoredFormError(stored.form) }
        let facts = EventFacts(of: event)
        let matches = try await matches(of: event, facts, id: job.stream.recast(), tenant: job.tenant)
        let envelope = CommandEnvelope(
            commandID: ids.next(), principal: .system("router"), correlation: stored.meta.correlation, causation: job.stream.bits,
            lane: stored.meta.lane, environment: stored.meta.environment, isRemembered: false)
        try await ask(for: matches, envelope)
        try await record(Normalizer.normalize(event, facts), matches.map(\.route), of: event, at: address, envelope)
    }
}

/// A route that an event takes, and the run that it starts.
private struct Match: Sendable {
    let route: TakenRoute
    let request: RunRequest
    let address: StreamAddress
}

extension Router {
    /// The event as it came; nil when it has been routed already, or is not in the log.
    private func firstEvent(of address: StreamAddress) async throws -> RecentEvents.Entry? {
        if let entry = recent.entry(address.stream.recast()) { return entry }
        let events = try await store.read(address, after: .none, limit: 2)
        guard let first = events.first, events.count == 1 else { return nil }
        return RecentEvents.Entry(form: first.form, meta: first.meta)
    }

    /// The routes whose filter finds its shape in the event and whose workflow is active. What is gone from the catalog is left out.
    private func matches(of event: ReceivedEvent, _ facts: EventFacts, id: EventID, tenant: TenantID) async throws -> [Match] {
        // Nobody can say any more which routes it would have taken.
        if event.isErased { return [] }
        guard let triggerID = event.trigger, let trigger = try await catalog.trigger(triggerID) else { return [] }
        let object = facts.object
        var matches: [Match] = []
        for (index, route) in trigger.specification.routes.enumerated() where RouteFilter.matches(route.filter, object) {
            let workflow = try await catalog.workflow(route.workflow)
            guard let request = workflow?.request(
                space: event.space, environment: event.environment, event: id, trigger: triggerID, triggeredBy: event.kind.rawValue,
                dataKey: event.dataKey)
            else { continue }
            let run = Self.run(of: id, trigger: triggerID, workflow: route.workflow, routeIndex: index)
            let address = StreamAddress.monthly(RunDecider.self, run, in: tenant)
            matches.append(Match(route: TakenRoute(workflow: route.workflow, run: run), request: request, address: address))
        }
        return matches
    }

    private static func run(of event: EventID, trigger: TriggerID, workflow: WorkflowID, routeIndex: Int) -> RunID {
        let digest = SHA256.hash("\(event)|\(trigger)|\(workflow)|\(routeIndex)")
        return .derived(from: event, digest: digest.leadingBits)
    }

    /// Asks for all runs at once, so that they share a commit.
    private func ask(for matches: [Match], _ envelope: CommandEnvelope) async throws {
        if matches.count == 1 { return try await ask(for: matches[0], envelope) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for match in matches { group.addTask { try await ask(for: match, envelope) } }
            try await group.waitForAll()
        }
    }

    private func ask(for match: Match, _ envelope: CommandEnvelope) async throws {
        do {
            _ = try await runs.send(.request(match.request), to: match.address, isFresh: true, envelope)
        } catch EntityRejection.exists {
            // Asked for by an earlier try of this job.
        }
    }

    /// Records the routes, which finishes the job. A conflict means that another worker did so; its answer stands.
    private func record(
        _ normalized: NormalizedEvent, _ routes: [TakenRoute], of event: ReceivedEvent, at address: StreamAddress, _ envelope: CommandEnvelope
    ) async throws {
        let batch = try AppendBatch.deciding(
            ReceivedEventDecider.self, .route(normalized, routes), on: .received(event), at: StreamVersion(1), of: address, envelope, ids: ids)
        _ = try await store.append(batch)
    }
}
