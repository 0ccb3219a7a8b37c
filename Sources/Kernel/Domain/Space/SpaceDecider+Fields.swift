package import Vocabulary

extension SpaceDecider {
    package typealias Subject = (name: String, keys: [APIKeyID: IssuedKey])

    package static func subject(of state: SpaceState) -> Subject? {
        if case .present(let name, let keys) = state { (name, keys) } else { nil }
    }

    /// Keys are shown without their digests.
    package static let fields: [EntityField<Subject, SpaceEvent>] = [
        .text("name") { $0.name },
        .members("keys", keys: { Array($0.keys.keys) }, value: { $0.keys[$1] }, touched: touchedKeys) {
            ["name": .string($0.name), "kind": .string($0.kind.rawValue)]
        },
    ]

    @Sendable private static func touchedKeys(_ event: SpaceEvent) -> TouchedMembers<APIKeyID> {
        switch event {
        case .created: .any
        case .keyIssued(let key): .only([key.id])
        case .keyRevoked(let id): .only([id])
        }
    }
}
