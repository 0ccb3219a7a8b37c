import Synchronization

/// Counts from 1.
final class Counter: Sendable {
    private let state = Atomic<Int>(0)

    var count: Int { state.load(ordering: .relaxed) }

    func next() -> Int { state.add(1, ordering: .relaxed).newValue }
}
