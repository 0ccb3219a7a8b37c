import EventSourcing
import Synchronization
import Vocabulary

/// The slices this process owns, each with its epoch and until when nobody else can have taken it.
final class OwnedSlices: Sendable {
    struct Lease: Sendable {
        let epoch: Int64
        /// By this machine's clock that only goes on, measured from before the lease was asked for.
        let until: ContinuousClock.Instant
    }

    private struct State {
        var leases = [Lease?](repeating: nil, count: Slice.count)
        var count = 0

        mutating func set(_ slice: Slice, _ lease: Lease?) {
            let place = Int(slice.number)
            count += (lease == nil ? 0 : 1) - (leases[place] == nil ? 0 : 1)
            leases[place] = lease
        }
    }

    private let state = Mutex(State())

    func lease(of slice: Slice) -> Lease? { state.withLock { $0.leases[Int(slice.number)] } }

    /// What this process owns, by slice number; nil in place of all.
    var numbers: [Int16]? {
        state.withLock { state in
            state.count == Slice.count ? nil : state.leases.indices.filter { state.leases[$0] != nil }.map(Int16.init)
        }
    }

    /// Takes in what was leased or prolonged.
    func hold(_ epochs: [Slice: Int64], until: ContinuousClock.Instant) {
        state.withLock { state in
            for (slice, epoch) in epochs { state.set(slice, Lease(epoch: epoch, until: until)) }
        }
    }

    /// Keeps only what is among these: the rest was taken by others.
    func retain(_ slices: Set<Slice>) {
        state.withLock { state in
            for slice in Slice.all where !slices.contains(slice) { state.set(slice, nil) }
        }
    }

    func drop(_ slices: some Sequence<Slice>) {
        state.withLock { state in for slice in slices { state.set(slice, nil) } }
    }

    /// The log refused this epoch of the slice.
    func lose(_ slice: Slice, epoch: Int64) {
        state.withLock { state in if state.leases[Int(slice.number)]?.epoch == epoch { state.set(slice, nil) } }
    }
}
