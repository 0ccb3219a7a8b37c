import Synchronization
package import Vocabulary

/// Events that this process has just received, so that routing them and running what they start need no read from the database.
///
/// A miss costs a read and nothing else. Bounded in bytes; the oldest are dropped first.
package final class RecentEvents: Sendable {
    /// The first event of a stream that is about to be worked on.
    package struct Entry: Sendable {
        package let form: StoredForm
        package let meta: EventMeta

        package init(form: StoredForm, meta: EventMeta) {
            self.form = form
            self.meta = meta
        }
    }

    /// Larger attachments are left to the database: they would push out hundreds of ordinary events each.
    package static let largestAttachment = 16 << 10
    /// What an entry takes beside its attachment: a head with some twenty headers, as a tree.
    private static let entryOverhead = 4 << 10

    fileprivate struct Contents {
        var entries: [EventID: Entry] = [:]
        var arrivals = FIFO<EventID>()
        var bytes = 0
    }

    private let capacity: Int
    private let contents = Mutex(Contents())

    /// `capacity` in bytes; the default holds about two seconds of events at the highest rate that one process takes in.
    package init(capacity: Int = 64 << 20) { self.capacity = capacity }

    /// Keeps an event unless it is too large.
    package func keep(_ entry: Entry, as id: EventID) {
        guard (entry.form.attachment?.count ?? 0) <= Self.largestAttachment else { return }
        contents.withLock { contents in
            guard contents.entries.updateValue(entry, forKey: id) == nil else { return }
            contents.arrivals.append(id)
            contents.bytes += Self.size(entry)
            while contents.bytes > capacity, let oldest = contents.arrivals.popFirst() {
                if let dropped = contents.entries.removeValue(forKey: oldest) { contents.bytes -= Self.size(dropped) }
            }
        }
    }

    /// The event, or nil when it must be read from the log.
    package func entry(_ id: EventID) -> Entry? { contents.withLock { $0.entries[id] } }

    /// Drops everything, since somebody's data in it may have been erased.
    package func forgetAll() { contents.withLock { $0 = Contents() } }

    private static func size(_ entry: Entry) -> Int { entryOverhead + (entry.form.attachment?.count ?? 0) }
}
