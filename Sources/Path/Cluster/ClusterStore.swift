package import EventSourcing
package import Vocabulary

/// The log as any node of a cluster sees it: what belongs to a slice of this node is appended here, the rest by its owner.
///
/// Where a batch is sent may be wrong; the epoch in the log may not. A batch is sent again, with the same ids, until somebody says what became of it.
package struct ClusterStore: ForwardingStore {
    /// How long a slice may be without an owner who answers: longer than a lease, so that the death of a node is a wait and no error.
    private static let patience = Duration.seconds(12)
    /// How long the first answer may take; doubled with each further try.
    private static let firstAnswer = Duration.seconds(1)
    /// The pause before the owner is looked up again.
    private static let pause = Duration.milliseconds(50)

    /// This node's own way to the log, by which it reads.
    package let base: any EventStore
    private let registry: any SliceRegistry
    private let calls: NodeCalls
    private let memory: EntityMemory

    /// `memory` is told of what others have had appended here.
    package init(local: any EventStore, registry: any SliceRegistry, calls: NodeCalls, memory: EntityMemory) {
        base = local
        self.registry = registry
        self.calls = calls
        self.memory = memory
    }

    package func append(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome {
        let slice = batch.address.slice
        let deadline = ContinuousClock.now + Self.patience
        var limit = Self.firstAnswer
        var isSent = false
        while true {
            if let term = batch.term, registry.term(of: slice) != term { throw EventStoreError(.fenced) }
            if registry.holds(slice) {
                if let outcome = try await appendHere(batch) { return isSent ? outcome.ofSecondSending : outcome }
                if batch.term != nil { throw EventStoreError(.fenced) }
            } else if let owner = registry.owner(of: slice) {
                switch await calls.ask(.append(batch), of: owner, within: limit) {
                case .outcome(let outcome): return isSent ? outcome.ofSecondSending : outcome
                case .failed(let error): throw error
                case .notMine, .done: break
                case nil: (isSent, limit) = (true, limit * 2)
                }
            }
            guard .now < deadline, !Task.isCancelled else { throw EventStoreError(isSent ? .unknownOutcome : .unavailable) }
            await registry.look(for: slice)
            // A cancelled sleep (try?) ends the loop at its next look.
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Nil when the slice is not this node's any more.
    package func appendHere(_ batch: AppendBatch) async throws(EventStoreError) -> AppendOutcome? {
        do {
            let outcome = try await base.append(batch)
            if case .appended(let receipt) = outcome { memory.overtake(batch.address, at: receipt.version + (batch.events.count - 1)) }
            return outcome
        } catch where error.code == .fenced { return nil }
    }

    /// What this node does for another that asks it to append.
    package func answer(_ batch: AppendBatch) async -> NodeAnswer {
        guard registry.holds(batch.address.slice) else { return .notMine }
        do throws(EventStoreError) { return try await appendHere(batch).map(NodeAnswer.outcome) ?? .notMine } catch { return .failed(error) }
    }
}

extension AppendOutcome {
    /// What an answer means to whoever has sent the batch before and got none: what is found stored was stored by him.
    fileprivate var ofSecondSending: AppendOutcome { if case .already(let receipt) = self { .appended(receipt) } else { self } }
}
