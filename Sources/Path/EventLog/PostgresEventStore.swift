package import EventSourcing
import Logging
import PostgresDriver
import Synchronization
package import Vocabulary

/// The event log in Postgres: appends go through writer threads and are committed in groups, reads through a pool.
///
/// A slice belongs to one of the threads, since each call of it must know where the one before ended.
///
/// Answers nothing while `EventLog.run()` does not run; made by `EventLog`.
package final class PostgresEventStore: EventStore {
    /// A thread that appends, as callers see it.
    private struct Writer {
        let queue: CommitQueue<EncodedBatch, AppendOutcome>
        let connector: WriterConnector
    }

    let pool: PostgresPool
    private let writers: [Writer]
    private let observers = LogObservers()
    private let chainHeads: ChainHeads
    let dataKeys: PostgresDataKeys
    let owned: OwnedSlices

    /// A writer for each of the connectors, of which there is one at least.
    init(
        pool: PostgresPool, connectors: [WriterConnector], backlog: BacklogLimits, chainHeads: ChainHeads, dataKeys: PostgresDataKeys,
        owned: OwnedSlices
    ) {
        self.pool = pool
        self.owned = owned
        self.chainHeads = chainHeads
        self.dataKeys = dataKeys
        writers = connectors.map { Writer(queue: CommitQueue(limits: backlog), connector: $0) }
    }

    package func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        let encoded = try EncodedBatch(batch, keys: try await BatchKeys(batch, dataKeys))
        return try await writers[writer(of: encoded.slice)].queue.submit(encoded)
    }

    var writerCount: Int { writers.count }

    private func writer(of slice: Slice) -> Int { Int(slice.number) % writers.count }

    /// How many batches wait for the writer threads, those they work on not counted.
    package var backlog: Int { writers.reduce(0) { $0 + $1.queue.count } }

    /// Tells `observer` of every commit from now on, on the writer threads; of one slice in the order of its positions.
    package func observe(_ observer: any LogObserver) { observers.add(observer) }

    package func read(_ address: StreamAddress, after version: StreamVersion, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        let sql = """
            select \(RecordedEvent.columns) from events
            where slice = $1 and stream_id = $2 and era = $3 and version > $4 and tenant_id = $5 and starts_with(type, $6)
            order by version limit $7
            """
        let stream: [PostgresValue] = [.int2(address.slice.number), .uuid(address.stream.bits), .date(address.era.date)]
        let owner: [PostgresValue] = [.uuid(address.tenant.bits), .text("\(address.category.name).")]
        let rows = try await query(sql, stream + [.int4(version.number)] + owner + [.int4(Int32(clamping: limit))])
        return try await RecordedEvent.all(rows, dataKeys)
    }

    package func read(_ slice: Slice, after position: Int64, limit: Int) async throws(EventStoreError) -> [RecordedEvent] {
        // Positions are dense, so a page has an upper end, which spares the planner the choice of reading all that follows.
        let sql = "select \(RecordedEvent.columns) from events where slice = $1 and pos > $2 and pos <= $3 order by pos"
        let end = position.addingReportingOverflow(Int64(limit)).partialValue
        return try await RecordedEvent.all(try await query(sql, [.int2(slice.number), .int8(position), .int8(end)]), dataKeys)
    }

    package func receipt(ofMark mark: String, tenant: TenantID) async throws(EventStoreError) -> AppendReceipt? {
        guard mark.isStorable else { return nil }
        let slice = Slice(of: tenant)
        let sql = "select pos, version, done_at from inbox where slice = $1 and tenant_id = $2 and dedup_key = $3 and state = 2"
        guard let row = try await query(sql, [.int2(slice.number), .uuid(tenant.bits), .text(mark)]).first else { return nil }
        return try decoded { () throws(PostgresError) in
            AppendReceipt(
                first: LogPosition(slice: slice, position: try row.int8(0)), version: StreamVersion(try row.int4(1)),
                recordedAt: Timestamp(microseconds: try row.timestamp(2)))
        }
    }

    package func heads() async throws(EventStoreError) -> [Slice: Int64] {
        var heads: [Slice: Int64] = [:]
        for row in try await query(SliceHeadsQuery.sql, []) {
            let (number, position) = try decoded { () throws(PostgresError) in (try row.int2(0), try row.int8(1)) }
            if let slice = Slice(number: number), position > 0 { heads[slice] = position }
        }
        return heads
    }

    func query(_ sql: String, _ parameters: [PostgresValue]) async throws(EventStoreError) -> PostgresRows {
        do { return try await pool.query(sql, parameters) } catch { throw EventStoreError(reading: error) }
    }

    /// The body of a writer thread: blocks until `close` and what waits is committed, or the log is found to be damaged.
    func write(as number: Int, limits: GroupLimits) -> EventStoreError? {
        let (slices, connector) = (Slice.all.filter { writer(of: $0) == number }, writers[number].connector)
        let committer = AppendCommitter(owned: owned, slices: slices, observers: observers, chainHeads: chainHeads, logger: connector.logger)
        var loop = CommitLoop(committer, queue: writers[number].queue, connector: connector, limits: limits)
        return loop.run()
    }

    /// Answers batches that wait too long for their turn, and gives up a statement that the server does not answer.
    func expire(at now: ContinuousClock.Instant, hangLimit: Duration) {
        for writer in writers {
            writer.queue.expire(before: now - writer.connector.patience)
            writer.connector.watch.breakOff(begunBefore: now - hangLimit)
        }
    }

    /// Refuses further batches; those that wait are still committed.
    func close(_ reason: EventStoreError.Code = .unavailable) {
        for writer in writers { writer.queue.close(EventStoreError(reason)) }
    }

    /// Answers what was left behind when the writer threads have ended.
    func abandon() {
        for writer in writers { writer.queue.fail(EventStoreError(.unavailable)) }
    }
}

/// Runs a decoder, whose failure means that the log holds what no release has written.
func decoded<Value>(_ body: () throws(PostgresError) -> Value) throws(EventStoreError) -> Value {
    do { return try body() } catch { throw EventStoreError(reading: error) }
}

extension EventStoreError {
    /// What a failed read means to a caller.
    init(reading error: PostgresError) {
        switch error.code {
        case .timedOut, .tooManyWaiters: self.init(.overloaded)
        case .decoding: self.init(.corrupt("\(error)"))
        case .connectionFailed, .connectionLost, .server, .cancelled, .invalidParameter, .invalidUse, .poolClosed: self.init(.unavailable)
        }
    }
}
