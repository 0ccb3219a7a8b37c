/// Shares a server fairly among keys: in each round every key may spend its quantum, and what it could not spend it carries over.
///
/// Cost: constant a turn while the largest cost is at most the smallest quantum. Source: M. Shreedhar, G. Varghese, "Efficient Fair
/// Queuing Using Deficit Round Robin", SIGCOMM 1995.
struct DeficitRoundRobin<Key: Hashable & Sendable>: Sendable {
    private let quantum: @Sendable (Key) -> Int
    private var rotation: [Key] = []
    private var deficits: [Key: Int] = [:]
    private var cursor = 0
    /// Whether the key under the cursor has had its quantum of this round.
    private var isServed = false

    /// `quantum` says what a key may spend in a round, in the unit of the costs.
    init(quantum: @escaping @Sendable (Key) -> Int) { self.quantum = quantum }

    /// Takes a key into the rotation, behind all others; nothing if it is there already.
    mutating func add(_ key: Key) {
        guard deficits[key] == nil else { return }
        deficits[key] = 0
        rotation.insert(key, at: cursor)
        if rotation.count > 1 { cursor += 1 }
    }

    /// Takes a key out; it loses what it had saved.
    mutating func remove(_ key: Key) {
        guard deficits.removeValue(forKey: key) != nil, let index = rotation.firstIndex(of: key) else { return }
        rotation.remove(at: index)
        if index == cursor { isServed = false }
        if index < cursor { cursor -= 1 }
        if cursor >= rotation.count { cursor = 0 }
    }

    /// The key whose turn it is, charged with its cost; `cost` answers nil for a key that wants nothing or must wait.
    mutating func next(cost: (Key) -> Int?) -> Key? {
        // One turn more than there are keys: the first may have had its quantum already.
        for _ in 0...rotation.count where !rotation.isEmpty {
            let key = rotation[cursor]
            if let cost = cost(key) {
                if !isServed {
                    deficits[key, default: 0] += quantum(key)
                    isServed = true
                }
                if let deficit = deficits[key], deficit >= cost {
                    deficits[key] = deficit - cost
                    return key
                }
            } else {
                // Who is idle saves nothing, or it could flood the others later.
                deficits[key] = 0
            }
            cursor = (cursor + 1) % rotation.count
            isServed = false
        }
        return nil
    }
}
