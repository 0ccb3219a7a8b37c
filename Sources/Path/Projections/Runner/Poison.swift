import PostgresDriver
import Vocabulary

/// What a view does at an event that it cannot apply.
package enum PoisonPolicy: Sendable {
    /// Stands still until a release can apply it: for views that must be complete or not be believed.
    case stops
    /// Puts the event's stream aside and goes on with all others: for lists in which one missing row harms no other.
    case parks
}

extension ProjectionName {
    /// What the view does unless it is configured to be stricter.
    ///
    /// The catalog decides what runs and who may call, the audit log is evidence and usage is billed: a hole in them would be believed. A list of
    /// executions or events with one row too few is still of use.
    package var poisonPolicy: PoisonPolicy {
        switch self {
        case .catalog, .audit, .usage: .stops
        case .executions, .events: .parks
        }
    }
}

/// Tells an event that can never be applied from a fault that passes.
enum Poison {
    /// SQLSTATE classes of values that the database refuses: data exception, integrity violation, limit exceeded. Source: PostgreSQL manual,
    /// appendix A.
    private static let refusedValues = ["22", "23", "54"]

    /// Why the event cannot be applied, safe for operators; nil when trying again may help.
    static func reason(_ error: any Error) -> String? {
        switch error {
        case let error as StoredFormError: return error.description
        case let error as PostgresError:
            if case .invalidParameter = error.code { return error.description }
            return refusedValues.contains(String(error.sqlState?.prefix(2) ?? "")) ? error.description : nil
        default: return nil
        }
    }
}
