package import EventSourcing
import PostgresDriver
package import Vocabulary

extension PostgresEventStore: WorkQueue {
    private static let jobColumns = "stream_id, kind, lane, tenant_id, due"

    /// The statement's time, since the clock's is another one for each row, so that no index could be asked for it.
    package static let readyJobsQuery = """
        select ready.* from unnest($1::int2[]) as wanted(lane) cross join lateral (
          select \(jobColumns) from jobs
          where jobs.lane = wanted.lane and due <= statement_timestamp() and ($3::int2[] is null or jobs.slice = any ($3))
          order by due, stream_id limit $2) ready
        """

    /// Jobs of the slices that this process owns.
    package func readyJobs(limitPerLane: Int) async throws(EventStoreError) -> [Job] {
        let lanes = PostgresValue.int2s(Lane.allCases.map(\.rawValue))
        return try jobs(
            try await query(Self.readyJobsQuery, [lanes, .int4(Int32(clamping: limitPerLane)), .optional(owned.numbers, PostgresValue.int2s)]))
    }

    package func job(of stream: StreamID, in slice: Slice) async throws(EventStoreError) -> Job? {
        let sql = "select \(Self.jobColumns) from jobs where slice = $1 and stream_id = $2"
        return try jobs(try await query(sql, [.int2(slice.number), .uuid(stream.bits)])).first
    }

    private func jobs(_ rows: PostgresRows) throws(EventStoreError) -> [Job] {
        var jobs: [Job] = []
        for row in rows {
            let (kind, lane) = try decoded { () throws(PostgresError) in (try row.text(1), try row.int2(2)) }
            guard let kind = WorkKind(rawValue: kind), let lane = Lane(rawValue: lane) else {
                throw EventStoreError(.unreadable("a job of kind \(kind) in lane \(lane)"))
            }
            let job = try decoded { () throws(PostgresError) in
                Job(
                    stream: StreamID(bits: try row.uuid(0)), kind: kind, lane: lane, tenant: TenantID(bits: try row.uuid(3)),
                    due: Timestamp(microseconds: try row.timestamp(4)))
            }
            jobs.append(job)
        }
        return jobs
    }
}

extension PostgresEventStore: StateReader {
    package func stateValue(scope: StateScopeID, key: String, tenant: TenantID) async throws(EventStoreError) -> [UInt8]? {
        guard key.isStorable else { return nil }
        let sql = """
            select value from state_values
            where scope = $1 and key = $2 and tenant_id = $3 and (expires_at is null or expires_at > clock_timestamp())
            """
        guard let row = try await query(sql, [.uuid(scope.bits), .text(key), .uuid(tenant.bits)]).first else { return nil }
        let value = try decoded { () throws(PostgresError) in try row.bytes(0) }
        let held = try await dataKeys.key(SealedBytes.key(of: value), of: tenant)
        return SealedBytes.open(value, BatchKeys.context(of: scope, key, tenant: tenant), with: held)
    }
}
