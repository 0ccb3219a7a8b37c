import EventSourcing
import PostgresDriver

/// The views that are kept up to date from the log.
package enum ProjectionName: String, Sendable, CaseIterable {
    /// What exists: spaces, customers, keys, workflows, triggers, connections, secrets' names. Writers wait for it.
    case catalog
    /// Runs with their steps and console lines.
    case executions
    /// What reached us from outside.
    case events
    /// Who did or tried what.
    case audit
    /// Events, runs and run seconds for each tenant and day.
    case usage
}

/// Runs one query against the rows of a view.
typealias RowReader = @Sendable (PostgresStatement) async throws -> PostgresRows

/// Turns events into the rows of one view: a fold whose state is in tables.
///
/// It looks only at event types that it knows by name and passes over the rest, so that a new kind of event stops no old view; bytes of a known
/// type that cannot be read stop it.
protocol Projection: Sendable {
    var name: ProjectionName { get }
    /// Version of tables and fold. A release that raises it builds the view anew from the log.
    var version: Int32 { get }

    /// What to write for events that come in the order of the log within each stream; it takes effect once, together with the checkpoints.
    ///
    /// `read` sees the rows as the events before these have left them.
    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement]
}

/// Why a view cannot follow the log.
package enum ProjectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A position is missing or comes twice: the log broke its promise.
    case gap(ProjectionName, after: String)
    /// The checkpoint is beyond the log's end: the log was restored from an older backup than the view.
    case aheadOfLog(ProjectionName, at: String)
    /// Somebody else rebuilds the view right now.
    case beingRebuilt(ProjectionName)

    package var description: String {
        switch self {
        case .gap(let name, let position): "projection \(name.rawValue): the log has no event right after \(position)"
        case .aheadOfLog(let name, let position):
            "projection \(name.rawValue) has read to \(position), which the log does not have: rebuild it, or restore both from one backup"
        case .beingRebuilt(let name): "projection \(name.rawValue) is being rebuilt already; wait for the other rebuild"
        }
    }
}
