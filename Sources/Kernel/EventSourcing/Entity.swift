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
    private var folded: Folded<D>?
    private var mailbox: [Letter<D>] = []
    private var isDraining = false

    /// `isFresh` says that the id was made just now, so that reading the log for it is saved; the append finds out if it was not so.
    package init(address: StreamAddress, isFresh: Bool = false, store: any EventStore, ids: any IDSource) {
        self.address = address
        self.store = store
        self.ids = ids
        folded = isFresh ? Folded(state: D.initialState, version: .none) : nil
    }

    /// Whether nobody is being served, so that the entity may be dropped from memory.
    package var isIdle: Bool { !isDraining && mailbox.isEmpty }

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

    /// The state as the log has it, read if need be; waits for nothing that is under way.
    package func state() async throws(EventStoreError) -> D.State { try await current().state }

    /// Wakes the next waiting caller, who then drains; its letter stays at the head until it does.
    private func handOver() {
        if let next = mailbox.first { next.resume() } else { isDraining = false }
    }

    /// Gives every letter its answer.
    private func settle(_ batch: [Letter<D>]) async {
        do {
            for _ in 0...Limits.conflictRetries {
                let draft = Draft(of: batch, on: try await current(), address: address, ids: ids)
                guard !draft.events.isEmpty else { return try await answerWithoutEvents(draft, batch) }
                switch try await store.append(draft.batch) {
                case .appended(let receipt), .already(let receipt):
                    folded = Folded(state: draft.state, version: receipt.version + (draft.events.count - 1))
                    return try await answer(batch, with: draft, first: receipt.first)
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
        } catch {
            // What is remembered may not be what is stored, so nothing of it is kept.
            folded = nil
            for letter in batch where letter.answer == nil { letter.answer = .failure(error) }
        }
    }

    private func answer(_ batch: [Letter<D>], with draft: Draft<D>, first: LogPosition) async throws {
        for (letter, verdict) in zip(batch, draft.verdicts) {
            switch verdict {
            case .accepted(let state, let version, let count):
                let position = LogPosition(slice: first.slice, position: first.position + Int64(max(count, 1)) - 1)
                letter.answer = .success(EntityReply(Folded<D>(state: state, version: version), position: position, isRepeated: false))
            case .refused(let refusal): letter.answer = try await answerOfRefused(letter, refusal)
            }
        }
    }

    private func answerWithoutEvents(_ draft: Draft<D>, _ batch: [Letter<D>]) async throws {
        for (letter, verdict) in zip(batch, draft.verdicts) {
            switch verdict {
            case .accepted(let state, let version, _):
                letter.answer = .success(EntityReply(Folded<D>(state: state, version: version), position: nil, isRepeated: false))
            case .refused(let refusal): letter.answer = try await answerOfRefused(letter, refusal)
            }
        }
    }

    /// A command that was done before may be refused by the state it made itself; its first answer counts.
    private func answerOfRefused(_ letter: Letter<D>, _ refusal: D.Refusal) async throws -> Result<EntityReply<D.State>, any Error> {
        guard letter.envelope.isRemembered, let receipt = try await store.receipt(ofMark: letter.envelope.mark, tenant: address.tenant) else {
            return .failure(refusal)
        }
        return .success(EntityReply(try await current(), position: receipt.first, isRepeated: true))
    }

    /// What the log says, read page by page when nothing is remembered.
    private func current() async throws(EventStoreError) -> Folded<D> {
        if let folded { return folded }
        var fresh = Folded<D>(state: D.initialState, version: .none)
        while true {
            let page = try await store.read(address, after: fresh.version, limit: Limits.eventsPerPage)
            for event in page { try fresh.apply(event) }
            if page.count < Limits.eventsPerPage { break }
        }
        // Another caller may have read meanwhile; only the drain changes it afterwards, and it holds the newest.
        if let folded, folded.version >= fresh.version { return folded }
        folded = fresh
        return fresh
    }
}

/// What a command came to.
package struct EntityReply<State: Sendable>: Sendable {
    package let state: State
    package let version: StreamVersion
    /// Where the command's last event is; nil when there was nothing to do. A read that waits for it sees the change.
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

    package var description: String {
        "already in use: " + reservations.map { "\($0.kind) \"\($0.key)\"" }.joined(separator: ", ")
    }
}
