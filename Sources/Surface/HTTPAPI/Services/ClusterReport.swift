package import Vocabulary

/// The nodes that share the log and who owns what, for operators.
package struct ClusterReport: Sendable {
    /// A server that shares the log.
    package struct Node: Sendable {
        package let id: NodeID
        /// Where its API is.
        package let address: String
        /// Whether the others can reach it.
        package let isReachable: Bool
        package let startedAt: Timestamp

        package init(id: NodeID, address: String, isReachable: Bool, startedAt: Timestamp) {
            self.id = id
            self.address = address
            self.isReachable = isReachable
            self.startedAt = startedAt
        }
    }

    /// A part of the log and its owner.
    package struct SliceState: Sendable {
        package let slice: Slice
        /// Nil while nobody's lease of it lasts.
        package let owner: NodeID?
        package let epoch: Int64
        /// The position of its newest event; 0 when it has none.
        package let head: Int64
        /// Events of it that the view which is furthest behind does not have.
        package let lag: Int64

        package init(slice: Slice, owner: NodeID?, epoch: Int64, head: Int64, lag: Int64) {
            self.slice = slice
            self.owner = owner
            self.epoch = epoch
            self.head = head
            self.lag = lag
        }
    }

    /// The node that answers.
    package let own: NodeID
    /// The oldest first.
    package let nodes: [Node]
    package let slices: [SliceState]

    package init(own: NodeID, nodes: [Node], slices: [SliceState]) {
        self.own = own
        self.nodes = nodes
        self.slices = slices
    }
}

extension ClusterReport {
    var nodesJSON: JSONValue {
        .array(
            nodes.map { node in
                [
                    "id": .id(node.id), "address": .string(node.address), "reachable": .bool(node.isReachable), "self": .bool(node.id == own),
                    "startedAt": .time(node.startedAt), "slices": .int(slices.count { $0.owner == node.id }),
                ]
            })
    }

    var slicesJSON: JSONValue {
        .array(
            slices.map {
                [
                    "slice": .int($0.slice.number), "owner": $0.owner.map { .id($0) } ?? .null, "epoch": .int($0.epoch), "head": .int($0.head),
                    "lag": .int($0.lag),
                ]
            })
    }
}
