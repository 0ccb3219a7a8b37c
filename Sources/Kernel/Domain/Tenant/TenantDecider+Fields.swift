package import Vocabulary

extension TenantDecider {
    package typealias Subject = (space: SpaceID, name: String, externalID: String?)

    package static func subject(of state: TenantState) -> Subject? {
        if case .present(let space, let name, let externalID) = state { (space, name, externalID) } else { nil }
    }

    package static let fields: [EntityField<Subject, TenantEvent>] = [
        .id("spaceId") { $0.space }, .text("name") { $0.name }, .text("externalId") { $0.externalID },
    ]
}
