package import Vocabulary

/// The nodes that share the log and who owns what, as an operator sees it.
package struct ClusterStanding: Sendable {
    /// The node that answers.
    package let own: NodeID
    /// Those that live, the oldest first.
    package let nodes: [ClusterNode]
    package let slices: [SliceStanding]

    package init(own: NodeID, nodes: [ClusterNode], slices: [SliceStanding]) {
        self.own = own
        self.nodes = nodes
        self.slices = slices
    }
}

/// A process that shares the log, as its last heartbeat said.
package struct ClusterNode: Hashable, Sendable {
    package let id: NodeID
    /// Stays over restarts.
    package let name: NodeID
    /// Where its API is.
    package let address: String
    /// Whether the others can reach it.
    package let isReachable: Bool
    package let startedAt: Timestamp

    package init(id: NodeID, name: NodeID, address: String, isReachable: Bool, startedAt: Timestamp) {
        self.id = id
        self.name = name
        self.address = address
        self.isReachable = isReachable
        self.startedAt = startedAt
    }
}

/// How a slice stands.
package struct SliceStanding: Hashable, Sendable {
    package let slice: Slice
    /// The region in whose database it lives.
    package let region: Region
    package let epoch: Int64
    /// Nil while nobody's lease of it lasts.
    package let owner: NodeID?
    /// The position of its newest event; 0 when it has none.
    package let head: Int64
    /// Events of it that the view which is furthest behind does not have.
    package let lag: Int64

    package init(slice: Slice, region: Region, epoch: Int64, owner: NodeID?, head: Int64, lag: Int64) {
        self.slice = slice
        self.region = region
        self.epoch = epoch
        self.owner = owner
        self.head = head
        self.lag = lag
    }
}
