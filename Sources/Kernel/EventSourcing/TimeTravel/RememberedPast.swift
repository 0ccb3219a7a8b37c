import Synchronization
import Vocabulary

/// Entities as they were at some of their versions, so that the next one who asks a long history need not begin at its first event.
///
/// What has happened stays as it was, so that nothing here grows stale but by erasure. Bounded; the least recently used entities are dropped.
final class RememberedPast: Sendable {
    /// An entity after one of its events.
    struct Waypoint: Sendable {
        let fold: any EntityFolding
        let first: EventStamp
        let last: EventStamp
    }

    private struct Path {
        /// By version.
        var waypoints: [Waypoint] = []
        var used: UInt64 = 0
    }

    private struct Contents {
        var paths: [StreamAddress: Path] = [:]
        var count = 0
        var clock: UInt64 = 0
    }

    private let contents = Mutex(Contents())

    func forgetAll() { contents.withLock { $0 = Contents() } }

    /// How many waypoints are remembered.
    var count: Int { contents.withLock { $0.count } }

    /// The newest waypoint in the past of a moment, found by halving; nil when there is none.
    func newest(at address: StreamAddress, before moment: Moment) -> Waypoint? {
        contents.withLock { contents in
            guard let waypoints = contents.paths[address]?.waypoints else { return nil }
            contents.clock += 1
            contents.paths[address]?.used = contents.clock
            var (low, high) = (0, waypoints.count)
            while low < high {
                let middle = (low + high) / 2
                if moment.includes(waypoints[middle].last) { low = middle + 1 } else { high = middle }
            }
            return low > 0 ? waypoints[low - 1] : nil
        }
    }

    /// Remembers a waypoint, and forgets others when there are too many.
    func keep(_ waypoint: Waypoint, of address: StreamAddress) {
        contents.withLock { contents in
            contents.clock += 1
            var path = contents.paths[address] ?? Path()
            path.used = contents.clock
            let place = path.waypoints.lastIndex { $0.last.version <= waypoint.last.version }.map { $0 + 1 } ?? 0
            if place == 0 || path.waypoints[place - 1].last.version < waypoint.last.version {
                path.waypoints.insert(waypoint, at: place)
                contents.count += 1
            }
            contents.paths[address] = path
            while contents.count > Limits.rememberedWaypoints, let oldest = contents.paths.min(by: { $0.value.used < $1.value.used }) {
                contents.count -= oldest.value.waypoints.count
                contents.paths[oldest.key] = nil
            }
        }
    }
}
