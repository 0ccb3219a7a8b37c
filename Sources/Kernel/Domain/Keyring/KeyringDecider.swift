package import Vocabulary

/// Decides what may happen to a tenant's named secrets.
package enum KeyringDecider: Decider {
    package static let category = Category("secret")
    package static let initialState = KeyringState()

    package static func decide(_ command: KeyringCommand, _ state: KeyringState, now: Timestamp) throws(EntityRejection) -> [KeyringEvent] {
        switch command {
        case .write(let name, let secret):
            try require([TextRules.key(name, at: "/name")])
            return [.written(name: name, secret: secret)]
        case .delete(let name):
            guard state.secrets[name] != nil else { throw .unknown(category) }
            return [.deleted(name: name)]
        }
    }

    package static func evolve(_ state: KeyringState, _ event: KeyringEvent) -> KeyringState {
        var state = state
        switch event {
        case .written(let name, let secret): state.secrets[name] = secret
        case .deleted(let name): state.secrets[name] = nil
        }
        return state
    }

    package static func action(of command: KeyringCommand) -> String {
        switch command {
        case .write: "secret.write"
        case .delete: "secret.delete"
        }
    }
}
