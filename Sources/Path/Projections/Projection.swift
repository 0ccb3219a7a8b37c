import EventSourcing
import PostgresDriver
import Vocabulary

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
/// It looks only at event types that it knows by name. What is its poison: bytes of such a type that cannot be read, and, among the kinds of entities
/// that it reads, a type or version that this release does not know at all, since nobody here can say what it would do to the rows.
protocol Projection: Sendable {
    var name: ProjectionName { get }
    /// The kinds of entities whose events it reads; nil is all of them.
    var categories: Set<Category>? { get }
    /// Version of tables and fold. A release that raises it builds the view anew from the log.
    var version: Int32 { get }

    /// What to write for events that come in the order of the log within each stream; it takes effect once, together with the checkpoints.
    ///
    /// `read` sees the rows as the events before these have left them.
    func statements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement]
}

extension Projection {
    /// The statements for events, all of which this release must know.
    func checkedStatements(for events: [RecordedEvent], read: RowReader) async throws -> [PostgresStatement] {
        let own = categories.map { categories in events.filter { categories.contains($0.address.category) } } ?? events
        if let stranger = EventVocabulary.shared.firstUnknown(in: own) { throw StoredFormError(stranger.form) }
        return try await statements(for: events, read: read)
    }
}

/// Why a view cannot follow the log.
package enum ProjectionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A position is missing or comes twice: the log broke its promise.
    case gap(_ reader: String, after: String)
    /// The checkpoint is beyond the log's end: the log was restored from an older backup than the view.
    case aheadOfLog(ProjectionName, at: String)
    /// Somebody else rebuilds the view right now.
    case beingRebuilt(ProjectionName)
    /// So many streams of the view are put aside that the fault is not theirs.
    case tooManyParked(ProjectionName, reason: String)
    /// Nothing has been read for the view yet, so that there is nothing to take back.
    case neverRun(ProjectionName)

    package var description: String {
        switch self {
        case .gap(let reader, let position): "\(reader): the log has no event right after \(position)"
        case .aheadOfLog(let name, let position):
            "projection \(name.rawValue) has read to \(position), which the log does not have: rebuild it, or restore both from one backup"
        case .beingRebuilt(let name): "projection \(name.rawValue) is being rebuilt already; wait for the other rebuild"
        case .tooManyParked(let name, let reason):
            "projection \(name.rawValue) has put \(ParkedStreams.limit) streams aside and stops at the next; repair the cause, then unpark: \(reason)"
        case .neverRun(let name): "projection \(name.rawValue) has no rows yet; start the server once"
        }
    }
}
