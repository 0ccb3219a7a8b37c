package import Vocabulary

extension KeyringDecider {
    package static func subject(of state: KeyringState) -> KeyringState? { state }

    /// A secret is shown by the id of its encrypted record, so that a new value can be told from the old one.
    package static let fields: [EntityField<KeyringState, KeyringEvent>] = [
        .members("secrets", keys: { Array($0.secrets.keys) }, value: { $0.secrets[$1] }, touched: touchedSecrets, json: JSONValue.id)
    ]

    @Sendable private static func touchedSecrets(_ event: KeyringEvent) -> TouchedMembers<String> {
        switch event {
        case .written(let name, _), .deleted(let name): .only([name])
        }
    }
}
