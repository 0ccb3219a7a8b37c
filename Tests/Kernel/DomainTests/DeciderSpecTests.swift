import DeciderSpec
import Domain
import Testing
import Vocabulary

/// A spec that cannot fail proves nothing: each wrong claim must be reported.
@Suite struct `A spec that claims what is not so` {
    let spec = DeciderSpec<SpaceDecider>().given(.created(name: "Acme"))

    @Test func `is reported when the events differ`() {
        withKnownIssue { spec.when(.issueKey(.sample(7))).then(.keyRevoked(.sample(7))) }
        withKnownIssue { spec.when(.issueKey(.sample(7))).thenNothing() }
        withKnownIssue { spec.when(.create(name: "Acme")).then(.created(name: "Acme")) }
    }

    @Test func `is reported when the command was accepted or refused otherwise`() {
        withKnownIssue { spec.when(.issueKey(.sample(7))).thenRejected(.conflict) }
        withKnownIssue { spec.when(.create(name: "Acme")).thenRejected(.notFound) }
        withKnownIssue { DeciderSpec<SpaceDecider>().when(.create(name: "")).thenRejected(at: "/title") }
    }

    @Test func `is reported when names or work differ`() {
        let claim = Reservation(scope: .acme, kind: "tenant.externalId", key: "42")
        let created = DeciderSpec<TenantDecider>().when(.create(space: .acme, name: "Customer", externalID: "43"))
        withKnownIssue { created.thenReserves(claim) }
        withKnownIssue { created.thenReleases(claim) }
        withKnownIssue { created.thenWork(.done) }
    }

    @Test func `is reported when an event does not survive the log`() {
        // JSON has no number for it.
        var retry = RetryPolicy()
        retry.backoffCoefficient = .infinity
        withKnownIssue { _ = DeciderSpec<WorkflowDecider>().given(.created(.sample.with(\.retry, retry))) }
    }
}
