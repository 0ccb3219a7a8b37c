/// The statements prepared on one connection, by their text and the types of their parameters; the least recently used one goes first.
struct StatementCache {
    /// What the server knows a statement by: the same text with other types is another statement.
    struct Key: Hashable, Sendable {
        let sql: String
        let types: [UInt32]
    }

    /// How to run a statement.
    struct Use {
        /// Its name on the server; never used twice on a connection.
        let name: String
        /// Whether it must be prepared first.
        let isNew: Bool
        /// The name of a statement that makes room and is to be deallocated.
        let evicted: String?
    }

    private struct Entry {
        let name: String
        var lastUse: UInt64
    }

    /// A service has a few hundred static statements; a plan takes some 10 KB in the server, so a connection stays within a few megabytes.
    static let defaultCapacity = 256

    private let capacity: Int
    private var entries: [Key: Entry] = [:]
    private var useCount: UInt64 = 0
    private var nameCount: UInt64 = 0

    init(capacity: Int = Self.defaultCapacity) {
        self.capacity = capacity
    }

    /// The statement's name; a new one is in the cache from now on, so `forget` it if preparing it fails. O(1), O(capacity) when one is evicted.
    mutating func use(_ key: Key) -> Use {
        useCount += 1
        if let index = entries.index(forKey: key) {
            entries.values[index].lastUse = useCount
            return Use(name: entries.values[index].name, isNew: false, evicted: nil)
        }
        let evicted = entries.count < capacity ? nil : evictOldest()
        nameCount += 1
        let name = "s\(nameCount)"
        entries[key] = Entry(name: name, lastUse: useCount)
        return Use(name: name, isNew: true, evicted: evicted)
    }

    /// Drops a statement that the server does not have, or that no longer fits its tables.
    mutating func forget(_ key: Key) {
        entries[key] = nil
    }

    private mutating func evictOldest() -> String? {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }
}
