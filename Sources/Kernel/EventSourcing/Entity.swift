import Synchronization
package import Vocabulary

/// One tenant, workflow, connection, trigger or run: a serial mailbox around a state folded from the log.
///
/// Swift actors are re-entrant at every `await`, so no decision is spread over one. One caller at a time drains the mailbox: it decides
/// everything that waits on a rolling state without an `await`, appends once, answers all, and hands the drain to the next waiting
/// caller. No task waits for an idle entity, and no caller is answered before its events are committed.
///
/// Any storage error other than a clean version conflict discards what the entity remembers; the next command reads it again.
package actor Entity<D: Decider> {
    package let address: StreamAddress
    private let store: any EventStore
    private let ids: any IDSource
    private let memory: EntityMemory
    private var folded: Folded<D>? { didSet { size.store(folded?.bytes ?? 0, ordering: .relaxed) } }
    /// The term under which what is remembered was read.
    private var tenure: SliceTerm?
    /// Whether nobody else can know of the entity yet, so that its state is the initial one whoever owns the slice.
    private var isNew: Bool
    /// The newest version of which a snapshot was asked for or read.
    private var snapshotted = StreamVersion.none
    private nonisolated let size = Atomic<Int>(0)
    /// The newest version that the log is known to have, from whoever appended it.
    private nonisolated let newest = Atomic<Int32>(0)
    /// Whether an append of unknown outcome may still come, so that nothing read is remembered until an append has proved it.
    private var isDoubtful = false
    private var mailbox: [Letter<D>] = []
    private var isDraining = false

    /// `isFresh` says that the id was made just now, so that reading the log for it is saved; the append finds out if it was not so.
    package init(address: StreamAddress, isFresh: Bool = false, store: any EventStore, ids: any IDSource, memory: EntityMemory = EntityMemory()) {
        self.address = address
        self.store = store
        self.ids = ids
        self.memory = memory
        isNew = isFresh
        folded = isFresh ? Folded(state: D.initialState, version: .none) : nil
        tenure = isFresh ? memory.ownership.term(of: address.slice) : nil
    }

    /// How many commands wait for the append that runs.
    package var waitingCount: Int { mailbox.count }

    /// Gives a command and waits until its events are in the log, or it is refused.
    ///
    /// Throws `D.Refusal`, `NameTaken` or `EventStoreError`. A command id that was done before answers with the state as it is now.
    package func send(_ command: D.Command, _ envelope: CommandEnvelope) async throws -> EntityReply<D.State> {
        guard mailbox.count < Limits.mailboxCommands else { throw EventStoreError(.overloaded) }
        let letter = Letter<D>(command: command, envelope: envelope)
        if isDraining {
            mailbox.append(letter)
            try await letter.awaitTurn()
            if let answer = letter.answer { return try answer.get() }
        } else {
            isDraining = true
            mailbox.insert(letter, at: 0)
        }
        let batch = Array(mailbox.prefix(Limits.commandsPerBatch))
        mailbox.removeFirst(batch.count)
        await settle(batch)
        for other in batch where other !== letter { other.resume() }
        handOver()
        guard let answer = letter.answer else { preconditionFailure("a drained letter of \(address) has no answer") }
        return try answer.get()
    }

    /// The state as the log has it, read if need be; waits for no append that is under way.
    package func state() async throws(EventStoreError) -> D.State {
        if let remembered { return remembered.state }
        // Only a drain remembers what it reads: it alone knows whether an append came after the reading.
        guard !isDraining else { return try await read().state }
        isDraining = true
        defer { handOver() }
        return try await current().state
    }

    /// Wakes the next waiting caller, who then drains; its letter stays at the head until it does.
    private func handOver() {
        if let next = mailbox.first { next.resume() } else { isDraining = false }
    }

    /// Gives every letter its answer.
    private func settle(_ batch: [Letter<D>]) async {
        do {
            for _ in 0...Limits.conflictRetries {
                let draft = Draft(of: batch, on: try await current(), address: address, ids: ids)
                guard !draft.events.isEmpty else { return await answer(batch, with: draft, first: nil) }
                switch try await store.append(draft.batch) {
                case .appended(let receipt), .already(let receipt):
                    remember(draft, receipt)
                    isDoubtful = false
                    return await answer(batch, with: draft, first: receipt.first)
                case .conflict: folded = nil
                case .repeated(let receipt) where batch.count == 1:
                    folded = nil
                    batch[0].answer = .success(EntityReply(try await current(), position: receipt.first, isRepeated: true))
                    return
                case .taken where batch.count == 1:
                    batch[0].answer = .failure(NameTaken(reservations: draft.batch.reservations))
                    return
                case .repeated, .taken:
                    for letter in batch { await settle([letter]) }
                    return
                }
            }
            throw EventStoreError(.overloaded)
        } catch let error as EventStoreError where error.code == .fenced && batch.count > 1 {
            // One of them may be bound to a term that is over; the others are not.
            folded = nil
            for letter in batch { await settle([letter]) }
        } catch {
            // What is remembered may not be what is stored, so nothing of it is kept.
            folded = nil
            if case .unknownOutcome? = (error as? EventStoreError)?.code { isDoubtful = true }
            for letter in batch where letter.answer == nil { letter.answer = .failure(error) }
        }
    }

    /// Answers what was accepted before anything is read for the others: it is committed, whatever comes of the reading.
    ///
    /// `first` is the place of the draft's first event, nil when it has none.
    private func answer(_ batch: [Letter<D>], with draft: Draft<D>, first: LogPosition?) async {
        // By index: a pair of sequences costs more in generic code than all else that is done here.
        for index in batch.indices {
            guard case .accepted(let state, let version, let count) = draft.verdicts[index] else { continue }
            let position = first.map { LogPosition(slice: $0.slice, position: $0.position + Int64(max(count, 1)) - 1) }
            batch[index].answer = .success(EntityReply(Folded<D>(state: state, version: version), position: position, isRepeated: false))
        }
        for index in batch.indices {
            guard case .refused(let refusal) = draft.verdicts[index] else { continue }
            let letter = batch[index]
            do { letter.answer = try await answerOfRefused(letter, refusal) } catch { letter.answer = .failure(error) }
        }
    }

    /// A command that was done before may be refused by the state it made itself; its first answer counts.
    private func answerOfRefused(_ letter: Letter<D>, _ refusal: D.Refusal) async throws -> Result<EntityReply<D.State>, any Error> {
        guard letter.envelope.isRemembered, let receipt = try await store.receipt(ofMark: letter.envelope.mark, tenant: address.tenant) else {
            return .failure(refusal)
        }
        return .success(EntityReply(try await current(), position: receipt.first, isRepeated: true))
    }

    /// What is remembered, if it is the state as of now: nobody else can have appended since it was read.
    private var remembered: Folded<D>? {
        guard let folded, folded.version.number >= newest.load(ordering: .acquiring) else { return nil }
        if isNew { return folded }
        guard let tenure, memory.ownership.term(of: address.slice) == tenure else { return nil }
        return folded
    }

    /// What is remembered, or else what the log says, which is remembered from then on unless it is doubtful or another's; for whoever drains.
    private func current() async throws(EventStoreError) -> Folded<D> {
        if let remembered { return remembered }
        folded = nil
        isNew = false
        // Before the reading: of a term that ends meanwhile nothing is remembered.
        tenure = memory.ownership.term(of: address.slice)
        let fresh = try await read()
        if !isDoubtful, tenure != nil { folded = fresh }
        return fresh
    }

    /// What the log says, when it is this entity's turn to read it.
    private func read() async throws(EventStoreError) -> Folded<D> {
        await memory.loads.begin()
        defer { memory.loads.end() }
        let begun = ids.now()
        let result = try await EntityLoading<D>(address: address, store: store, snapshots: memory.snapshots?.store).load()
        snapshotted = max(snapshotted, result.snapshot)
        let count = Int(result.folded.version.number - result.snapshot.number)
        let isSlow = count >= Limits.slowLoadEvents && ids.now() - begun > Limits.slowLoad
        if let last = result.last, isSlow || isSnapshotDue(at: last.version) { save(result.folded, last.position.position, last.recordedAt) }
        return result.folded
    }

    /// Takes over what was appended, of which the receipt names the first event.
    private func remember(_ draft: Draft<D>, _ receipt: AppendReceipt) {
        let more = draft.events.count - 1
        var next = folded ?? Folded<D>(state: draft.state, version: receipt.version)
        next.advance(to: draft.state, receipt.version + more, adding: draft.events.reduce(0) { $0 + $1.form.footprint })
        isNew = false
        folded = tenure == nil ? nil : next
        if isSnapshotDue(at: next.version) {
            save(next, receipt.first.position + Int64(more), receipt.recordedAt + .microseconds(more))
        }
    }

    private func isSnapshotDue(at version: StreamVersion) -> Bool { version.number - snapshotted.number >= Limits.eventsPerSnapshot }

    private func save(_ folded: Folded<D>, _ position: Int64, _ recordedAt: Timestamp) {
        guard let snapshots = memory.snapshots else { return }
        snapshotted = folded.version
        snapshots.save(folded, at: position, recordedAt, of: address)
    }
}

extension Entity: ResidentEntity {
    nonisolated var footprint: Int { Limits.residentOverhead + size.load(ordering: .relaxed) }

    nonisolated func overtake(at version: StreamVersion) { newest.max(version.number, ordering: .acquiringAndReleasing) }

    /// What is remembered now, encoded.
    var live: LiveState? {
        get throws { try remembered.map { LiveState(version: $0.version, body: try CBOR.encode($0.state)) } }
    }
}

/// What a command came to.
package struct EntityReply<State: Sendable>: Sendable {
    package let state: State
    package let version: StreamVersion
    /// Where the command's last event is, of a command that had been done before its first; nil when there was nothing to do.
    ///
    /// A read that waits for it sees the change.
    package let position: LogPosition?
    /// Whether the command had been done before.
    package let isRepeated: Bool

    init<D: Decider>(_ folded: Folded<D>, position: LogPosition?, isRepeated: Bool) where D.State == State {
        state = folded.state
        version = folded.version
        self.position = position
        self.isRepeated = isRepeated
    }
}

/// A name that the command claims belongs to another entity.
package struct NameTaken: Error, Sendable, CustomStringConvertible {
    package let reservations: [Reservation]

    package init(reservations: [Reservation]) { self.reservations = reservations }

    package var description: String {
        "already in use: " + reservations.map { "\($0.kind) \"\($0.key)\"" }.joined(separator: ", ")
    }
}
