import Synchronization

/// Remembers what was looked up, at most so many, until it is told that something changed.
///
/// What is read while something changes is handed out and not kept, so that nothing older than the last change is ever served from here.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private let state = Mutex(State())

    private struct State {
        var entries: [Key: (value: Value, used: UInt64)] = [:]
        var clock: UInt64 = 0
        /// Counts changes.
        var generation: UInt64 = 0
    }

    init(capacity: Int) { self.capacity = capacity }

    /// The value known under the key, else what `load` finds; that nothing is there is not remembered, or guesses could fill the memory.
    func value(for key: Key, load: () async throws -> Value?) async throws -> Value? {
        let (known, generation) = state.withLock { state in
            state.clock += 1
            state.entries[key]?.used = state.clock
            return (state.entries[key]?.value, state.generation)
        }
        if let known { return known }
        guard let found = try await load() else { return nil }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= capacity { Self.evict(from: &state) }
            state.entries[key] = (found, state.clock)
        }
        return found
    }

    /// Forgets all, also what is being read right now.
    func invalidate() {
        state.withLock { state in
            state.entries = [:]
            state.generation += 1
        }
    }

    /// Drops the older half at once, so that the scan is paid once in `capacity / 2` arrivals.
    private static func evict(from state: inout State) {
        let ages = state.entries.values.map(\.used).sorted()
        let threshold = ages[ages.count / 2]
        state.entries = state.entries.filter { $0.value.used > threshold }
    }
}
