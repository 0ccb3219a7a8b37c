package import Vocabulary

/// Every kind of entity there is.
package enum EntityKinds {
    package static let workflow = EntityKind(WorkflowDecider.self, .ofItsOwn(collection: "workflows", isMonthly: false))
    package static let trigger = EntityKind(TriggerDecider.self, .ofItsOwn(collection: "triggers", isMonthly: false))
    package static let connection = EntityKind(ConnectionDecider.self, .ofItsOwn(collection: "connections", isMonthly: false))
    package static let execution = EntityKind(RunDecider.self, name: "execution", .ofItsOwn(collection: "executions", isMonthly: true))
    package static let event = EntityKind(ReceivedEventDecider.self, .ofItsOwn(collection: "events", isMonthly: true))
    package static let keyring = EntityKind(KeyringDecider.self, name: "keyring", .onePerTenant(path: "keyring", id: \.keyring))
    package static let erasure = EntityKind(ErasureDecider.self, .ofItsOwn(collection: "erasures", isMonthly: false))
    package static let placement = EntityKind(PlacementDecider.self, .ofItsOwn(collection: "placements", isMonthly: false))
    package static let tenant = EntityKind(TenantDecider.self, .customer)
    package static let space = EntityKind(SpaceDecider.self, .space)

    /// In the order in which people meet them. A test compares it with the categories of the stored events.
    package static let all = [workflow, trigger, connection, execution, event, keyring, erasure, placement, tenant, space]
}
