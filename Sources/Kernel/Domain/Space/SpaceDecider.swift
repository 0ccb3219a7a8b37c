package import Vocabulary

/// Decides what may happen to a space.
package enum SpaceDecider: Decider {
    package static let category = Category("space")
    package static let initialState = SpaceState.absent

    package static func decide(_ command: SpaceCommand, _ state: SpaceState, now: Timestamp) throws(EntityRejection) -> [SpaceEvent] {
        switch (command, state) {
        case (.create(let name), .absent):
            try require([TextRules.name(name, at: "/name")])
            return [.created(name: name)]
        case (.create, .present): throw .exists(category)
        case (.issueKey, .absent), (.revokeKey, .absent): throw .unknown(category)
        case (.issueKey(let key), .present(_, let keys)):
            try require([TextRules.name(key.name, at: "/name")])
            guard keys[key.id] == nil else { throw .notNow("the API key exists already") }
            return [.keyIssued(key)]
        case (.revokeKey(let id), .present(_, let keys)):
            guard keys[id] != nil else { throw .notNow("the API key does not exist or was revoked before") }
            return [.keyRevoked(id)]
        }
    }

    package static func evolve(_ state: SpaceState, _ event: SpaceEvent) -> SpaceState {
        switch (event, state) {
        case (.created(let name), _): .present(name: name, keys: [:])
        case (.keyIssued(let key), .present(let name, let keys)): .present(name: name, keys: keys.merging([key.id: key]) { $1 })
        case (.keyRevoked(let id), .present(let name, let keys)): .present(name: name, keys: keys.filter { $0.key != id })
        case (.keyIssued, .absent), (.keyRevoked, .absent): state
        }
    }

    package static func action(of command: SpaceCommand) -> String {
        switch command {
        case .create: "space.create"
        case .issueKey: "space.key.issue"
        case .revokeKey: "space.key.revoke"
        }
    }
}
