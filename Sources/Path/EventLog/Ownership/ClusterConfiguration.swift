package import Vocabulary

/// Who this process is among those that share the log, and how long its word counts.
package struct ClusterConfiguration: Sendable {
    /// This process; new at each start.
    package var node: NodeID
    /// Stays over restarts, and one process at a time has it: a later one supersedes an earlier one at once.
    package var name: NodeID
    /// Where the node's API is, for people.
    package var address: String
    /// Whether other nodes can reach this one now.
    package var isReachable: @Sendable () -> Bool
    /// How long a lease lasts. A node that dies is replaced after that and a heartbeat at most, which a caller can wait for.
    package var leaseDuration = Duration.seconds(6)
    /// How often a lease is prolonged: one heartbeat may be lost, and another be late.
    package var heartbeat = Duration.seconds(2)
    /// How much sooner than the database this process takes a lease as run out: far above what two clocks drift apart in a lease's time.
    package var margin = Duration.milliseconds(500)
    /// Slices given up in one heartbeat, so that a node that joins does not make every entity of the others be read anew at once.
    package var handOversPerHeartbeat = 64

    /// The name of whoever shares the log with nobody: the latest has it.
    static let onlyName = NodeID(bits: 0)

    package init(node: NodeID, name: NodeID, address: String = "", isReachable: @escaping @Sendable () -> Bool = { true }) {
        self.node = node
        self.name = name
        self.address = address
        self.isReachable = isReachable
    }
}
