import Cryptography
import EventSourcing
import Logging
import PostgresDriver
import Vocabulary

/// Turns a group of batches into one call of `append_events`, and its codes into outcomes; knows the heads of its slices that are owned.
struct AppendCommitter: GroupCommitter {
    private let owned: OwnedSlices
    /// What this writer appends to, when it is owned.
    private let slices: [Slice]
    private var heads = SliceHeads()
    private var versions = StreamVersions()
    private let observers: LogObservers
    private let chainHeads: ChainHeads
    private let hasher = SHA256Hasher()
    private let logger: Logger
    /// The server of the last connection.
    private var server: ServerIdentity?
    private var notice = (heads: [LogPosition](), jobs: [Job]())

    init(owned: OwnedSlices, slices: [Slice], observers: LogObservers, chainHeads: ChainHeads, logger: Logger) {
        self.owned = owned
        self.slices = slices
        self.observers = observers
        self.chainHeads = chainHeads
        self.logger = logger
    }

    private static let columns = "codes, found_position, found_version, found_time, version_before, clock"
    /// The call of batches that bring events and nothing else, with half as many parameters.
    private static let shortCall = "select \(columns) from append_events(\(placeholders(AppendColumns.eventParameters)), look_up_ids => $24)"
    private static let fullCall = "select \(columns) from append_events(\(placeholders(AppendColumns.allParameters)), $45)"

    private static func placeholders(_ count: Int) -> String { (1...count).map { "$\($0)" }.joined(separator: ", ") }

    private func call(_ columns: AppendColumns, lookUpIDs: Bool, on connection: BlockingPostgresConnection) throws -> PostgresRows {
        let isShort = columns.hasEventsAlone
        return try connection.execute(
            isShort ? Self.shortCall : Self.fullCall, columns.eventValues + (isShort ? [] : columns.otherValues) + [.bool(lookUpIDs)])
    }

    mutating func connected(_ connection: BlockingPostgresConnection) throws {
        try meet(ServerIdentity(of: connection))
        // Of all writers: each loses its connection when it next appends, and a loss must not be gone over until then.
        if let lost = try LostEvents(of: chainHeads.known.map { ($0.slice, $0.link.position, $0.link.hash) }, in: connection) {
            throw EventStoreError(.lost("\(lost)"))
        }
        // The plans of the function are made here and not under the first caller's batch.
        let nothing = AppendColumns(hasher)
        _ = try call(nothing, lookUpIDs: false, on: connection)
        _ = try connection.execute(Self.fullCall, nothing.eventValues + nothing.otherValues + [.bool(false)])
        try read(slices, on: connection)
        chainHeads.move(heads.known)
    }

    /// Throws when the server is one that was succeeded by the server of an earlier connection: two of them would take appends at once.
    private mutating func meet(_ next: ServerIdentity) throws(PostgresError) {
        defer { server = server.map { next.isSucceeded(by: $0) ? $0 : next } ?? next }
        guard let server, server != next else { return }
        guard !next.isSucceeded(by: server) else {
            throw PostgresError(.connectionFailed, reason: "it is a former primary, of timeline \(next.timeline) before \(server.timeline)")
        }
        logger.warning(
            "the event log goes on with another server",
            metadata: [
                "system": "\(next.system)", "timeline": "\(next.timeline)", "formerSystem": "\(server.system)",
                "formerTimeline": "\(server.timeline)",
            ])
    }

    /// Reads where these slices end; those that turn out to be another's are lost.
    private mutating func read(_ slices: [Slice], on connection: BlockingPostgresConnection) throws {
        var epochs: [Slice: Int64] = [:]
        for slice in slices { epochs[slice] = owned.lease(of: slice)?.epoch }
        guard !epochs.isEmpty else { return }
        // Somebody else may have appended, or an append of ours may have been stored unseen.
        versions = StreamVersions()
        try heads.read(epochs, connection)
        for (slice, epoch) in epochs where heads.epoch(of: slice) == nil { owned.lose(slice, epoch: epoch) }
    }

    /// Reads the ends of slices that this process got since it last appended to them.
    private mutating func meet(_ requests: [EncodedBatch], on connection: BlockingPostgresConnection) throws {
        let strange = Set(requests.lazy.map(\.slice)).filter { slice in owned.lease(of: slice).map { $0.epoch != heads.epoch(of: slice) } ?? false }
        try read(Array(strange), on: connection)
    }

    /// Whether the slice is this process's, and its end is known under the epoch it has now.
    private func isOurs(_ slice: Slice) -> Bool { owned.lease(of: slice).map { $0.epoch == heads.epoch(of: slice) } ?? false }

    mutating func commit(
        _ requests: [EncodedBatch], _ sending: inout Sending, on connection: BlockingPostgresConnection
    ) throws -> GroupAnswer<AppendOutcome> {
        let purpose = sending
        try meet(requests, on: connection)
        // Batches that may be refused in ordinary life stand last, since those behind them in their slice are sent again.
        let order = requests.indices.filter { isOurs(requests[$0].slice) }.map { requests[$0].place($0) }.sorted().map {
            $0 & EncodedBatch.indexMask
        }
        guard !order.isEmpty else { return GroupAnswer(results: requests.map { _ in .failure(EventStoreError(.fenced)) }) }
        let columns = columns(requests, order)
        let rows: PostgresRows
        do { rows = try call(columns, lookUpIDs: sending != .first, on: connection) } catch {
            // Whether it was stored is found out by sending it again, and by nothing that was remembered.
            versions = StreamVersions()
            throw error
        }
        sending = .resent
        let reply = try AppendReply(rows, batchCount: order.count)
        heads.hear(time: reply.clock)
        let answer = answer(requests, order, reply, columns.ends, purpose)
        // Before anybody is answered: a checkpoint that is exported after an answer has what was answered.
        chainHeads.move(notice.heads.map { ChainHeads.Head(slice: $0.slice, link: heads.link(of: $0.slice), epoch: heads.epoch(of: $0.slice) ?? 0) })
        // Somebody has written under our epoch, or an answer was lost: what was refused is sent again to where the heads are, once.
        if reply.codes.contains(.moved), purpose == .first { try read(order.map { requests[$0].slice }, on: connection) }
        // Of what has no answer nothing was stored.
        sending = reply.codes.contains(.moved) ? .lookingUp : purpose
        return answer
    }

    private func columns(_ requests: [EncodedBatch], _ order: [Int]) -> AppendColumns {
        var columns = AppendColumns(hasher)
        let now = ContinuousClock.now
        var current: Slice?
        for index in order {
            let slice = requests[index].slice
            if slice != current {
                columns.begin(slice, epoch: heads.epoch(of: slice) ?? 0, head: heads.link(of: slice), time: heads.nextTime(of: slice, at: now))
            }
            current = slice
            columns.append(requests[index], version: versions.version(of: requests[index].batch.address))
        }
        return columns
    }

    private mutating func answer(
        _ requests: [EncodedBatch], _ order: [Int], _ reply: AppendReply, _ ends: [HashChain.Link], _ sending: Sending
    ) -> GroupAnswer<AppendOutcome> {
        // What is not sent is another owner's.
        var answer = GroupAnswer<AppendOutcome>(results: Array(repeating: .failure(EventStoreError(.fenced)), count: requests.count))
        for (place, index) in order.enumerated() {
            let request = requests[index]
            let receipt = receipt(of: request, reply, place, end: ends[place])
            answer.results[index] = outcome(of: request, reply, place, receipt, sending)
            if reply.codes[place] == .appended {
                heads.move(request.slice, to: ends[place])
                versions.note(request.batch.address, at: reply.versionBefore(place) + request.rowCount)
            }
            let isOurs = reply.codes[place] == .appended || sending == .resent && reply.codes[place] == .already
            if isOurs, let receipt { note(request, at: receipt) }
            if reply.codes[place] == .fenced, let epoch = heads.epoch(of: request.slice) { owned.lose(request.slice, epoch: epoch) }
        }
        return answer
    }

    /// Where the batch's first event is; of what was appended now the caller knows it already.
    private func receipt(of request: EncodedBatch, _ reply: AppendReply, _ place: Int, end: HashChain.Link) -> AppendReceipt? {
        guard reply.codes[place] == .appended else { return reply.found(place, slice: request.slice) }
        let back = Int64(request.rowCount) - 1
        return AppendReceipt(
            first: LogPosition(slice: request.slice, position: end.position - back), version: reply.versionBefore(place) + 1,
            recordedAt: Timestamp(microseconds: end.recordedAt - back))
    }

    /// Nil for a batch that is to be sent again.
    private func outcome(
        of request: EncodedBatch, _ reply: AppendReply, _ place: Int, _ receipt: AppendReceipt?, _ sending: Sending
    ) -> Result<AppendOutcome, EventStoreError>? {
        let address = request.batch.address
        switch (reply.codes[place], receipt) {
        case (.appended, let receipt?): return .success(.appended(receipt))
        // Found by the second sending of one and the same append: it was this one that stored it.
        case (.already, let receipt?): return .success(sending == .resent ? .appended(receipt) : .already(receipt))
        case (.repeated, let receipt?): return .success(.repeated(receipt))
        case (.conflict, _): return .success(.conflict(actual: reply.versionBefore(place)))
        case (.taken, _): return .success(.taken)
        case (.fenced, _): return .failure(EventStoreError(.fenced))
        case (.shifted, _), (.late, _): return nil
        case (.moved, _):
            return sending == .first ? nil : .failure(EventStoreError(.corrupt("slice \(request.slice) moves under another writer")))
        case (.partly, _): return .failure(EventStoreError(.corrupt("a batch of \(address) is stored in part or in another order")))
        case (.foreign, _): return .failure(EventStoreError(.corrupt("an event id of \(address) is stored in another stream")))
        case (.appended, nil), (.already, nil), (.repeated, nil):
            return .failure(EventStoreError(.corrupt("the log does not say where a batch of \(address) is")))
        }
    }

    /// Remembers what to tell observers.
    private mutating func note(_ request: EncodedBatch, at receipt: AppendReceipt) {
        let last = receipt.first.position + Int64(request.rowCount) - 1
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

extension EncodedBatch {
    /// A group has far fewer batches.
    fileprivate static let indexMask = 0xffff

    /// Where the batch stands in a call, as a number: by slice, those that others may forestall last, first come first.
    fileprivate func place(_ index: Int) -> Int {
        Int(slice.number) << 17 | (batch.reservations.isEmpty && batch.marks.isEmpty ? 0 : Self.indexMask + 1) | index
    }
}
