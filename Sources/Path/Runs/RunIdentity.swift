import Domain
package import EventSourcing
package import Vocabulary

extension Identifier where Subject == Vocabulary.Subject.Run {
    /// The stream of a run in its tenant's slice; the month follows from the id.
    package func address(in tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: recast(), category: RunDecider.category, era: .month(of: self))
    }
}

extension Identifier where Subject == Vocabulary.Subject.Event {
    /// The stream of a received event in its tenant's slice.
    func address(in tenant: TenantID) -> StreamAddress {
        StreamAddress(tenant: tenant, stream: recast(), category: ReceivedEventDecider.category, era: .month(of: self))
    }
}
