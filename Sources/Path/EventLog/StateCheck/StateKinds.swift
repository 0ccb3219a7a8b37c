import Domain
package import EventSourcing

extension StateKind {
    /// Every kind of entity that there is.
    package static let all = [
        StateKind(SpaceDecider.self), StateKind(TenantDecider.self), StateKind(KeyringDecider.self), StateKind(WorkflowDecider.self),
        StateKind(TriggerDecider.self), StateKind(ConnectionDecider.self), StateKind(ReceivedEventDecider.self), StateKind(RunDecider.self),
        StateKind(ErasureDecider.self), StateKind(PlacementDecider.self),
    ]
}
