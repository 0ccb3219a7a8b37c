import EventSourcing
import PostgresDriver
import Vocabulary

/// Turns a group of batches into one call of `append_events`, and its codes into outcomes; knows the heads of all slices.
struct AppendCommitter: GroupCommitter {
    private let epochs: [Slice: Int64]
    private let observers: LogObservers
    /// The newest position of each slice, as the last answer of the server left it.
    private var heads: [Slice: Int64] = [:]
    private var notice = (heads: [LogPosition](), jobs: [Job]())

    init(epochs: [Slice: Int64], observers: LogObservers) {
        self.epochs = epochs
        self.observers = observers
    }

    private static let call = """
        select codes, positions, versions, times from append_events(\((1...40).map { "$\($0)" }.joined(separator: ", ")))
        """

    /// Locks all heads, which waits for a call that may still run on a broken connection, and reads where they are.
    mutating func connected(_ connection: BlockingPostgresConnection) throws {
        // The plans of the function are made here and not under the first caller's batch.
        _ = try connection.execute(Self.call, AppendColumns().parameters + [.bool(false)])
        let known = heads
        heads = try connection.withTransaction {
            let owned = try connection.execute("select slice, epoch from slice_head order by slice for no key update")
            for row in owned {
                guard let slice = Slice(number: try row.int2(0)), epochs[slice] == (try row.int8(1)) else { throw EventStoreError(.fenced) }
            }
            return try Self.readHeads(connection)
        }
        for (slice, position) in known where heads[slice, default: 0] < position {
            throw EventStoreError(.corrupt("slice \(slice) went back from position \(position) to \(heads[slice, default: 0])"))
        }
    }

    /// A statement of its own: its snapshot is younger than the locks.
    private static func readHeads(_ connection: BlockingPostgresConnection) throws -> [Slice: Int64] {
        var heads: [Slice: Int64] = [:]
        for row in try connection.execute(SliceHeadsQuery.sql) {
            guard let slice = Slice(number: try row.int2(0)) else { continue }
            heads[slice] = try row.int8(1)
        }
        return heads
    }

    mutating func commit(
        _ requests: [EncodedBatch], _ sending: inout Sending, on connection: BlockingPostgresConnection
    ) throws -> GroupAnswer<AppendOutcome> {
        let purpose = sending
        let order = requests.indices.sorted { (requests[$0].slice, $0) < (requests[$1].slice, $1) }
        var answer = GroupAnswer<AppendOutcome>(results: Array(repeating: .failure(EventStoreError(.fenced)), count: requests.count))
        let rows = try send(requests, order, lookUpIDs: sending != .first, on: connection)
        sending = .resent
        let reply = try AppendReply(rows, batchCount: order.count)
        settle(requests, order, reply, purpose, in: &answer)
        let moved = zip(order, reply.codes).filter { $0.1 == .moved }.map(\.0)
        guard !moved.isEmpty else { return answer }
        // Somebody has written under our epoch, or an answer was lost: read where the heads are and send again what was refused, once.
        try connected(connection)
        let second = try AppendReply(try send(requests, moved, lookUpIDs: true, on: connection), batchCount: moved.count)
        settle(requests, moved, second, purpose, in: &answer)
        return answer
    }

    private func send(
        _ requests: [EncodedBatch], _ order: [Int], lookUpIDs: Bool, on connection: BlockingPostgresConnection
    ) throws -> PostgresRows {
        var columns = AppendColumns()
        var current: Slice?
        for index in order {
            let slice = requests[index].slice
            if slice != current { columns.begin(slice, epoch: epochs[slice, default: 0], head: heads[slice, default: 0]) }
            current = slice
            columns.append(requests[index])
        }
        return try connection.execute(Self.call, columns.parameters + [.bool(lookUpIDs)])
    }

    /// Fills in what the reply says of the batches in `order`.
    private mutating func settle(
        _ requests: [EncodedBatch], _ order: [Int], _ reply: AppendReply, _ sending: Sending, in answer: inout GroupAnswer<AppendOutcome>
    ) {
        for (place, index) in order.enumerated() {
            let request = requests[index]
            let receipt = reply.receipt(place, slice: request.slice)
            answer.results[index] = outcome(of: request, reply, place, receipt, sending)
            let isOurs = reply.codes[place] == .appended || sending == .resent && reply.codes[place] == .already
            if isOurs, let receipt { note(request, at: receipt) }
            if reply.codes[place] == .fenced { answer.stop = EventStoreError(.fenced) }
        }
    }

    private func outcome(
        of request: EncodedBatch, _ reply: AppendReply, _ place: Int, _ receipt: AppendReceipt?, _ sending: Sending
    ) -> Result<AppendOutcome, EventStoreError> {
        let address = request.batch.address
        switch (reply.codes[place], receipt) {
        case (.appended, let receipt?): return .success(.appended(receipt))
        // Found by the second sending of one and the same append: it was this one that stored it.
        case (.already, let receipt?): return .success(sending == .resent ? .appended(receipt) : .already(receipt))
        case (.repeated, let receipt?): return .success(.repeated(receipt))
        case (.conflict, _): return .success(.conflict(actual: reply.version(place)))
        case (.taken, _): return .success(.taken)
        case (.fenced, _): return .failure(EventStoreError(.fenced))
        case (.moved, _): return .failure(EventStoreError(.corrupt("slice \(request.slice) moves under another writer")))
        case (.partly, _): return .failure(EventStoreError(.corrupt("a batch of \(address) is stored in part or in another order")))
        case (.foreign, _): return .failure(EventStoreError(.corrupt("an event id of \(address) is stored in another stream")))
        case (.appended, nil), (.already, nil), (.repeated, nil):
            return .failure(EventStoreError(.corrupt("the log does not say where a batch of \(address) is")))
        }
    }

    /// Remembers the new head, and what to tell observers.
    private mutating func note(_ request: EncodedBatch, at receipt: AppendReceipt) {
        let last = receipt.first.position + Int64(request.rowCount) - 1
        heads[request.slice] = max(heads[request.slice, default: 0], last)
        // Batches come by slice with growing positions, so a slice's last one has its head.
        if notice.heads.last?.slice == request.slice { notice.heads.removeLast() }
        notice.heads.append(LogPosition(slice: request.slice, position: last))
        guard case .asks(let kind, let lane, let due) = request.batch.work else { return }
        let address = request.batch.address
        notice.jobs.append(Job(stream: address.stream, kind: kind, lane: lane, tenant: address.tenant, due: due ?? receipt.recordedAt))
    }

    mutating func answered() {
        guard !notice.heads.isEmpty else { return }
        observers.notify(LogNotice(heads: notice.heads, jobs: notice.jobs))
        notice = ([], [])
    }
}
