import EventSourcing
import PostgresDriver
package import Vocabulary

/// A stream that a view has put aside, with the event that it could not apply.
package struct ParkedStream: Hashable, Sendable {
    package let projection: ProjectionName
    package let tenant: TenantID
    package let stream: StreamID
    package let category: String
    /// Where the event is; it and all later ones of the stream are not in the view.
    package let position: LogPosition
    /// Which event of its stream it is.
    package let version: StreamVersion
    /// The event's type.
    package let type: String
    /// Why it could not be applied. Safe for operators.
    package let reason: String
    package let parkedAt: Timestamp
    let era: Era

    /// Where the stream's events are.
    var address: StreamAddress { StreamAddress(tenant: tenant, stream: stream, category: Category(category), era: era) }

    static let selection = "select slice, stream_id, tenant_id, category, era, pos, version, type, reason, parked_at from parked_streams"

    init(_ projection: ProjectionName, row: PostgresRow) throws {
        self.projection = projection
        stream = try row.id(1)
        tenant = try row.id(2)
        category = try row.text(3)
        let date = try row.date(4)
        era = date == .negativeInfinity ? .lasting : .month(date.day)
        position = LogPosition(slice: Slice(of: tenant), position: try row.int8(5))
        version = StreamVersion(try row.int4(6))
        type = try row.text(7)
        reason = try row.text(8)
        parkedAt = try row.time(9)
    }
}

/// The table of streams that were put aside. What waits is not copied: it is in the log.
enum ParkedStreams {
    /// Streams of one view: more at once are the fault of a release and not of some streams, and all of them are in every runner's memory.
    static let limit = 1000

    static func load(_ name: ProjectionName, from pool: PostgresPool) async throws -> [ParkedStream] {
        try await pool.query(ParkedStream.selection + " where projection = $1 order by parked_at, stream_id", [.text(name.rawValue)]).map {
            try ParkedStream(name, row: $0)
        }
    }

    /// Puts aside the stream of an event that cannot be applied.
    static func insert(_ event: RecordedEvent, of name: ProjectionName, reason: String) -> PostgresStatement {
        let address = event.address
        var era = PostgresDate.negativeInfinity
        if case .month(let day) = address.era { era = PostgresDate(day) }
        return PostgresStatement(
            """
            insert into parked_streams (projection, slice, stream_id, tenant_id, category, era, pos, version, type, reason)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .text(name.rawValue), .int2(address.slice.number), .id(address.stream), .id(address.tenant), .safeText(address.category.name),
                .date(era), .int8(event.position.position), .int4(event.version.number), .safeText(event.form.type), .safeText(reason),
            ])
    }

    static func forget(_ parked: ParkedStream) -> PostgresStatement {
        PostgresStatement(
            "delete from parked_streams where projection = $1 and slice = $2 and stream_id = $3",
            [.text(parked.projection.rawValue), .int2(parked.position.slice.number), .id(parked.stream)])
    }

    static func forgetAll(of name: ProjectionName) -> PostgresStatement {
        PostgresStatement("delete from parked_streams where projection = $1", [.text(name.rawValue)])
    }
}
