package import Vocabulary

/// The lawful noes that every entity with a life of its own has.
package enum EntityRejection: Rejection, Hashable {
    case unknown(Category)
    case exists(Category)
    /// The request breaks rules; each problem names the member and the remedy.
    case invalid([Problem])
    /// The command was made of what the entity was before somebody else changed it; made anew it may well succeed.
    case outdated(Category)
    /// The entity is not in a state that allows the command; the text says which would.
    case notNow(String)

    package var kind: RejectionKind {
        switch self {
        case .unknown: .notFound
        case .invalid: .invalid
        case .exists, .outdated, .notNow: .conflict
        }
    }

    package var problems: [Problem] { if case .invalid(let problems) = self { problems } else { [] } }

    package var description: String {
        switch self {
        case .unknown(let category): "the \(category) does not exist"
        case .exists(let category): "the \(category) exists already"
        case .outdated(let category): "the \(category) was changed meanwhile; read it again"
        case .invalid(let problems): problems.map(\.description).joined(separator: "; ")
        case .notNow(let reason): reason
        }
    }
}

/// Throws when there are problems.
package func require(_ problems: [Problem?]) throws(EntityRejection) {
    let found = problems.compactMap { $0 }
    guard found.isEmpty else { throw .invalid(found) }
}
