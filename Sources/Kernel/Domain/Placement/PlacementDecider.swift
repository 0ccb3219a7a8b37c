package import Vocabulary

/// Decides whom an external id stands for when the customer lives in another region, whose database cannot see that the id is unique.
package enum PlacementDecider: Decider {
    package static let category = Category("placement")
    package static let initialState = PlacementState.free

    package static func decide(
        _ command: PlacementCommand, _ state: PlacementState, now: Timestamp
    ) throws(EntityRejection) -> [PlacementEvent] {
        switch (command, state) {
        case (.claim(let claim), .free):
            try require([TextRules.name(claim.externalID, at: "/externalId")])
            return [.claimed(claim)]
        case (.claim(let claim), .held(let held)):
            guard claim == held else { throw .notNow("the external id belongs to another customer") }
            return []
        case (.release(let customer), .held(let held)): return held.customer == customer ? [.released(held)] : []
        case (.release, .free): return []
        }
    }

    package static func evolve(_: PlacementState, _ event: PlacementEvent) -> PlacementState {
        switch event {
        case .claimed(let claim): .held(claim)
        case .released: .free
        }
    }

    package static func action(of command: PlacementCommand) -> String {
        switch command {
        case .claim: "placement.claim"
        case .release: "placement.release"
        }
    }

    package static func reservations(of event: PlacementEvent) -> [Reservation] {
        if case .claimed(let claim) = event { [TenantDecider.reservation(of: claim.externalID, in: claim.space)] } else { [] }
    }

    package static func releases(of event: PlacementEvent) -> [Reservation] {
        if case .released(let claim) = event { [TenantDecider.reservation(of: claim.externalID, in: claim.space)] } else { [] }
    }
}
