package import Vocabulary

extension PlacementDecider {
    package static func subject(of state: PlacementState) -> PlacementClaim? { if case .held(let claim) = state { claim } else { nil } }

    package static let fields: [EntityField<PlacementClaim, PlacementEvent>] = [
        .id("spaceId") { $0.space }, .id("customerId") { $0.customer }, .text("externalId") { $0.externalID },
    ]
}
