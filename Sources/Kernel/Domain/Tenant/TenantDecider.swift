package import Vocabulary

/// Decides what may happen to a customer.
package enum TenantDecider: Decider {
    package static let category = Category("tenant")
    package static let initialState = TenantState.absent

    package static func decide(_ command: TenantCommand, _ state: TenantState, now: Timestamp) throws(EntityRejection) -> [TenantEvent] {
        switch (command, state) {
        case (.create(let space, let name, let externalID, let isPlaced), .absent):
            try require([TextRules.name(name, at: "/name"), externalID.flatMap { TextRules.name($0, at: "/externalId") }])
            return [.created(space: space, name: name, externalID: externalID, isPlaced: isPlaced)]
        case (.create, .present), (.abandon, .present): throw .exists(category)
        case (.create, .abandoned): throw .notNow("the creation of this tenant was given up; send the request as a new one")
        case (.abandon, .absent): return [.abandoned]
        case (.abandon, .abandoned): return []
        }
    }

    package static func evolve(_ state: TenantState, _ event: TenantEvent) -> TenantState {
        switch event {
        case .created(let space, let name, let externalID, _): .present(space: space, name: name, externalID: externalID)
        case .abandoned: .abandoned
        }
    }

    package static func action(of command: TenantCommand) -> String {
        switch command {
        case .create: "tenant.create"
        case .abandon: "tenant.abandon"
        }
    }

    package static func reservations(of event: TenantEvent) -> [Reservation] {
        switch event {
        case .created(let space, _, let externalID?, false): [reservation(of: externalID, in: space)]
        case .created, .abandoned: []
        }
    }

    /// The claim to an external id.
    static func reservation(of externalID: String, in space: SpaceID) -> Reservation {
        Reservation(scope: space, kind: "tenant.externalId", key: externalID)
    }
}
