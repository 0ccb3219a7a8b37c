package import Vocabulary

/// Decides what may happen to a customer.
package enum TenantDecider: Decider {
    package static let category = Category("tenant")
    package static let initialState = TenantState.absent

    package static func decide(_ command: TenantCommand, _ state: TenantState, now: Timestamp) throws(EntityRejection) -> [TenantEvent] {
        switch (command, state) {
        case (.create(let space, let name, let externalID), .absent):
            try require([TextRules.name(name, at: "/name"), externalID.flatMap { TextRules.name($0, at: "/externalId") }])
            return [.created(space: space, name: name, externalID: externalID)]
        case (.create, .present): throw .exists(category)
        }
    }

    package static func evolve(_ state: TenantState, _ event: TenantEvent) -> TenantState {
        switch event {
        case .created(let space, let name, let externalID): .present(space: space, name: name, externalID: externalID)
        }
    }

    package static func action(of command: TenantCommand) -> String {
        switch command {
        case .create: "tenant.create"
        }
    }

    package static func reservations(of event: TenantEvent) -> [Reservation] {
        switch event {
        case .created(let space, _, let externalID): externalID.map { [Reservation(scope: space, kind: "tenant.externalId", key: $0)] } ?? []
        }
    }
}
