import Cryptography
package import Domain
package import EventSourcing
import Vocabulary

/// Runs a workflow by name: stores the call as an event and asks for the run.
package struct FlowCaller: Sendable {
    private let store: any EventStore
    private let runs: EntityDirectory<RunDecider>
    private let catalog: any Catalog
    private let recent: RecentEvents
    private let keys: any DataKeys
    private let ids: any IDSource

    package init(
        store: any EventStore, runs: EntityDirectory<RunDecider>, catalog: any Catalog, recent: RecentEvents, keys: any DataKeys, ids: any IDSource
    ) {
        self.store = store
        self.runs = runs
        self.catalog = catalog
        self.recent = recent
        self.keys = keys
        self.ids = ids
    }

    /// Answers when event and run are committed; throws what the catalog or the log throws.
    package func call(_ call: FlowCall) async throws -> FlowCallOutcome {
        guard call.body.count <= Limits.bodyBytes, !HeaderFields.exceedLimits(call.headers) else { return .tooLarge }
        if let problem = Self.problem(of: call.body) { return .invalid([problem]) }
        guard let workflow = try await catalog.workflow(slug: call.name, tenant: call.tenant, space: call.space) else { return .notFound }
        guard workflow.isActive else { return .inactive }
        guard try await keys.current(nil, of: call.tenant) != nil else { return .erased }
        let draft = EventDraft(call, lane: workflow.tier == .instant ? .p1 : .p2, ids: ids)
        guard call.idempotencyKey == nil else { return try await startOnce(call, draft, workflow) }
        // Both at once share a commit. Should only the event's succeed, the caller has no answer, and nobody waits for its run. Should only
        // the run's succeed, it does not find its event and ends.
        async let event = append(draft, marks: [])
        async let run = ask(call, draft.id, workflow, draft.envelope)
        let (_, started) = try await (event, run)
        return started
    }

    private static func problem(of body: [UInt8]) -> Problem? {
        if body.isEmpty { return nil }
        if jsonNestingExceeds(Limits.jsonDepth, in: body) { return Problem("", "must not be nested more than \(Limits.jsonDepth) levels deep") }
        do throws(JSONError) {
            return try JSONValue(parsing: body).object == nil ? Problem("", "must be a JSON object, such as {\"input\": {}}") : nil
        } catch {
            return Problem("", "must be a JSON object: \(error)")
        }
    }
}

/// A call as the event that it becomes.
private struct EventDraft: Sendable {
    let id: EventID
    let address: StreamAddress
    let form: StoredForm
    let envelope: CommandEnvelope

    init(_ call: FlowCall, lane: Lane, ids: any IDSource) {
        id = ids.next()
        address = .monthly(ReceivedEventDecider.self, id, in: call.tenant)
        let event = ReceivedEvent(
            kind: .manual, space: call.space, trigger: nil, environment: call.environment, headers: HeaderFields.sanitized(call.headers),
            query: call.query, body: call.body)
        form = ReceivedEventEvent.received(event).stored
        // The stream begins with a fresh id, so that no command id need be remembered.
        envelope = CommandEnvelope(
            commandID: ids.next(), principal: call.principal, correlation: id.recast(), lane: lane, environment: call.environment,
            isRemembered: false)
    }
}

extension FlowCaller {
    /// Stores the event before asking for the run, which is derived from whichever event was first under the key.
    private func startOnce(_ call: FlowCall, _ draft: EventDraft, _ workflow: CatalogWorkflow) async throws -> FlowCallOutcome {
        let key = SHA256.hash("\(call.space)|\(workflow.id)|\(call.idempotencyKey ?? "")").hex
        let first = try await append(draft, marks: ["call:\(key)"])
        return try await ask(call, first, workflow, draft.envelope)
    }

    /// The id under which the call is stored: the draft's, or that of an earlier call with the same mark.
    private func append(_ draft: EventDraft, marks: [String]) async throws -> EventID {
        var batch = AppendBatch(
            address: draft.address, expected: .none,
            events: [NewEvent(id: draft.id, form: draft.form, meta: EventMeta(draft.envelope))])
        batch.marks = marks
        switch try await store.append(batch) {
        case .appended, .already:
            // Not before: a run must not see an event that is not in the log.
            recent.keep(RecentEvents.Entry(form: draft.form, meta: EventMeta(draft.envelope)), as: draft.id)
            return draft.id
        case .repeated(let receipt): return try await event(at: receipt.first)
        case .conflict, .taken: throw EventStoreError(.corrupt("\(draft.address) was not new"))
        }
    }

    private func event(at position: LogPosition) async throws -> EventID {
        let events = try await store.read(position.slice, after: position.position - 1, limit: 1)
        guard let event = events.first else { throw EventStoreError(.corrupt("nothing is stored at \(position)")) }
        return event.address.stream.recast()
    }

    private func ask(
        _ call: FlowCall, _ event: EventID, _ workflow: CatalogWorkflow, _ envelope: CommandEnvelope
    ) async throws -> FlowCallOutcome {
        guard let request = workflow.request(
            space: call.space, environment: call.environment, event: event, trigger: nil, triggeredBy: EventKind.manual.rawValue)
        else { return .inactive }
        let digest = SHA256.hash("\(event)|call|\(workflow.id)")
        let run = RunID.derived(from: event, digest: digest.leadingBits)
        var (isRepeated, position) = (false, LogPosition?.none)
        do {
            position = try await runs.send(.request(request), to: .monthly(RunDecider.self, run, in: call.tenant), isFresh: true, envelope).position
        } catch EntityRejection.exists {
            isRepeated = true
        }
        return .started(
            StartedFlow(
                event: event, run: run, tier: workflow.tier, timeoutSeconds: workflow.timeoutSeconds, isRepeated: isRepeated, position: position))
    }
}
