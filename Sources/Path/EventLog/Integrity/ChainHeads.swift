import EventSourcing
import Synchronization
import Vocabulary

/// Where the chains of all slices end, as the writer knows them; handed from its thread to whoever exports them.
final class ChainHeads: Sendable {
    struct Head: Sendable {
        let slice: Slice
        let link: HashChain.Link
        let epoch: Int64
    }

    private struct State {
        var heads: [Slice: Head] = [:]
        var hasMoved = false
    }

    private let state = Mutex(State())

    func move(_ heads: [Head]) {
        guard !heads.isEmpty else { return }
        state.withLock { state in
            for head in heads { state.heads[head.slice] = head }
            state.hasMoved = true
        }
    }

    /// All heads by slice, if one has moved since the last call.
    func takeMoved() -> [Head]? {
        state.withLock { state in
            guard state.hasMoved else { return nil }
            state.hasMoved = false
            return state.heads.values.sorted { $0.slice < $1.slice }
        }
    }

    /// What was taken could not be used: it counts as moved again.
    func putBack() { state.withLock { $0.hasMoved = true } }
}
