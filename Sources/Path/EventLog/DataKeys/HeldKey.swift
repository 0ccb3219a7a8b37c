import Cryptography
import Vocabulary

/// A key of data as this process knows it.
struct HeldKey: Sendable {
    let id: DataKeyID
    let tenant: TenantID
    /// Whether it is the tenant's own and no subject's.
    let isTenants: Bool
    /// Nil when it is destroyed.
    let key: SymmetricKey?

    /// The same after it was destroyed.
    var destroyed: HeldKey { HeldKey(id: id, tenant: tenant, isTenants: isTenants, key: nil) }
}

/// The keys that are remembered, and since when it is known that none of them was destroyed.
struct HeldKeys {
    /// Whose key it is; nil for the tenant's.
    struct Owner: Hashable {
        let tenant: TenantID
        let subject: DataSubjectID?
    }

    /// Some 300 bytes each. A process that serves more of them at once reads a key for each payload beyond.
    static let capacity = 16_384
    /// How long after a look at the table the keys may be used. Every process looks at it more often; one that cannot uses none of them.
    static let lifetime = Duration.seconds(5)
    /// What a look at the table goes back: more than lies between two of them, and the longest that the statement of a destruction may take.
    static let lookBack = Duration.seconds(120)
    /// Beyond it nothing that was remembered counts, since a look would not go back far enough.
    static let longestGap = Duration.seconds(60)

    /// Looks after news at which it counts as news again: who had opened a payload just before may have remembered it just after.
    private static let repeatedNews = 3

    private var keys: [DataKeyID: HeldKey] = [:]
    private var owners: [Owner: DataKeyID] = [:]
    /// Those destroyed of late that this process has noted.
    private var destroyed: Set<DataKeyID> = []
    private var repeats = 0
    private(set) var checkedAt: ContinuousClock.Instant?

    var isFresh: Bool { checkedAt.map { ContinuousClock.now - $0 < Self.lifetime } ?? false }

    func key(_ id: DataKeyID) -> HeldKey? { keys[id] }
    func key(of owner: Owner) -> HeldKey? { owners[owner].flatMap { keys[$0] } }

    mutating func keep(_ key: HeldKey) {
        // Cleared whole: a full cache is rare, and choosing a victim would cost every payload.
        if keys.count >= Self.capacity { (keys, owners) = ([:], [:]) }
        keys[key.id] = key
    }

    mutating func keep(_ key: HeldKey, of owner: Owner) {
        keep(key)
        owners[owner] = key.id
    }

    /// Answers whether somebody may remember payloads that he should not: one of the keys is news, or was a moment ago.
    ///
    /// `areAll` says that these are all that a look at the table has found.
    mutating func noteDestroyed(_ ids: [DataKeyID], areAll: Bool) -> Bool {
        for id in ids { keys[id] = keys[id]?.destroyed }
        let isNews = !destroyed.isSuperset(of: ids)
        destroyed = areAll ? Set(ids) : destroyed.union(ids)
        defer { repeats = isNews ? Self.repeatedNews : max(0, repeats - 1) }
        return isNews || repeats > 0
    }

    /// Whether a look at the table would not go back to the last one.
    var isOutdated: Bool { checkedAt.map { ContinuousClock.now - $0 > Self.longestGap } ?? true }

    /// The table was looked at `instant`.
    mutating func checked(at instant: ContinuousClock.Instant) { checkedAt = instant }

    mutating func forgetAll() { (keys, owners) = ([:], [:]) }
}
