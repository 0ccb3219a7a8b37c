import Cryptography
import Vocabulary

/// Says what was done to a chain at the first entry that does not follow from those before it.
struct ChainDiagnosis {
    typealias Entry = SliceVerifier.Entry

    let slice: Slice
    /// The end of what is as it was written.
    let before: HashChain.Link
    /// The bad entry and what follows it; not empty.
    let window: [Entry]
    let hasher: SHA256Hasher
    let head: Int64

    /// Entries that may have been removed at one place for it to be recognized when the rest was numbered anew.
    private static let deletionsTried = 64

    var fault: LogFault {
        let position = before.position + 1
        let (kind, what) = finding(position)
        return LogFault(kind, "slice \(slice), position \(position): \(what)", at: slice, kind == .inserted ? window[0].position : position)
    }

    private func finding(_ position: Int64) -> (LogFault.Kind, String) {
        let bad = window[0]
        if bad.position > position { return (.deleted, "the entry is not there") }
        if bad.position < position { return (.inserted, "there are two entries of position \(bad.position)") }
        if let place = window.dropFirst().firstIndex(where: isOriginal) {
            return isInsertion(place)
                ? (.inserted, "the entry was put in; the one that belongs here is the next")
                : (.reordered, "another entry stands here; the one that belongs here has position \(window[place].position)")
        }
        guard window.count > 1 else {
            return position > head ? (.inserted, "the entry was added behind the head") : (.edited, "the entry is not the one that was written")
        }
        let after = HashChain.Link(position: position, recordedAt: bad.recordedAt, hash: bad.hash)
        if link(after, window[1]) == window[1].hash { return (.edited, "the entry is not the one that was written") }
        for count in 1...Self.deletionsTried {
            var moved = after
            moved.position += Int64(count)
            if link(moved, window[1]) == window[1].hash { return (.deleted, "\(count) deleted, and what followed was numbered anew") }
        }
        return (.unchained, "the entry does not follow from the one before it; what follows does not follow from it either")
    }

    /// Whether an entry further on is the one that was written here.
    private func isOriginal(_ entry: Entry) -> Bool {
        let bad = window[0]
        let inPlace = Entry(position: bad.position, epoch: bad.epoch, recordedAt: bad.recordedAt, digest: entry.digest, hash: bad.hash)
        return [entry, inPlace].contains { [entry.hash, bad.hash].contains(link(before, $0)) }
    }

    /// Whether all that follows moved by one place, and not just two entries changed places.
    private func isInsertion(_ place: Int) -> Bool {
        guard place == 1 else { return false }
        var end = before
        end.append(window[1].digest, slice: slice, epoch: window[1].epoch, recordedAt: window[1].recordedAt, hasher)
        return link(end, window[0]) != window[0].hash && (window.count == 2 || link(end, window[2]) == window[2].hash)
    }

    private func link(_ before: HashChain.Link, _ entry: Entry) -> [UInt8] {
        var next = before
        next.append(entry.digest, slice: slice, epoch: entry.epoch, recordedAt: entry.recordedAt, hasher)
        return next.hash
    }
}
