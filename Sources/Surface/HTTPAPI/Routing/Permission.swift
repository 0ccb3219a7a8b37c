/// What a caller must be allowed to do, as roles list it: a category and an action, `workflows.create`.
package struct Permission: Hashable, Sendable, CustomStringConvertible {
    /// What may be acted on.
    package enum Category: String, Sendable {
        case connections
        case workflows
        case customers
        case secrets
        case activity
        case audit
        case billing
        /// How the installation itself fares.
        case operations
    }

    /// What may be done with it.
    package enum Action: String, Sendable {
        case create
        case read
        case update
        case delete
        case execute
        case deploy
    }

    package let category: Category
    package let action: Action

    init(_ category: Category, _ action: Action) {
        self.category = category
        self.action = action
    }

    package var description: String { "\(category.rawValue).\(action.rawValue)" }
}
