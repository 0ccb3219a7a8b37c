package import Vocabulary

/// Writes refused commands into the log, so that the audit log tells of attempts too.
package struct RefusalTrail: Sendable {
    /// Why a command did not happen.
    package enum Outcome: String, Sendable {
        /// The entity's rules said no.
        case rejected
        /// The caller was not allowed to ask.
        case denied
    }

    package static let category = Category("refusal")

    /// Whether this release reads refusals that are stored so.
    package static func knows(_ type: String, schema: Int16) -> Bool {
        schema == 1 && type.hasPrefix("\(category).") && Outcome(rawValue: String(type.dropFirst(category.name.count + 1))) != nil
    }

    private let store: any EventStore
    private let ids: any IDSource

    package init(store: any EventStore, ids: any IDSource) {
        self.store = store
        self.ids = ids
    }

    /// Appends one refusal to the tenant's trail; `reason` is text that is safe to show.
    package func record(
        _ outcome: Outcome, action: String, resource: StreamAddress, reason: String, _ envelope: CommandEnvelope
    ) async throws(EventStoreError) {
        let form = StoredForm(
            "refusal.\(outcome.rawValue)",
            [
                "action": .string(action), "resourceType": .string(resource.category.name), "resourceId": .id(resource.stream),
                "reason": .string(reason),
            ])
        // One stream a refusal: nothing competes for a version, and the trail never grows one stream without end.
        let id: StreamID = ids.next()
        let address = StreamAddress(tenant: resource.tenant, stream: id, category: Self.category, era: .month(of: id))
        let batch = AppendBatch(address: address, expected: .none, events: [NewEvent(id: ids.next(), form: form, meta: EventMeta(envelope))])
        _ = try await store.append(batch)
    }
}
