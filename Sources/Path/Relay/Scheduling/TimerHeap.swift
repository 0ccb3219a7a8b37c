import Vocabulary

/// Streams by the time at which they must be looked at again, the earliest first.
///
/// A binary heap: logarithmic in both directions. What is no longer wanted is found out by whoever pops it.
struct TimerHeap: Sendable {
    struct Timer: Sendable {
        let at: Timestamp
        let stream: StreamID
    }

    private var heap: [Timer] = []

    var first: Timer? { heap.first }
    var count: Int { heap.count }

    mutating func push(_ timer: Timer) {
        heap.append(timer)
        var child = heap.count - 1
        while child > 0, heap[child].at < heap[(child - 1) / 2].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes the earliest timer if its time has come.
    mutating func pop(until now: Timestamp) -> Timer? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at { least = child }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
