package import Vocabulary

/// Which node should own a slice: the one with the highest weight for it, so that a node that joins or leaves moves its own share and no other.
///
/// Source: Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates" (rendezvous hashing).
package struct SlicePlacement: Sendable {
    /// A node that lives, as its last heartbeat said.
    package struct Candidate: Hashable, Sendable {
        /// Stays over restarts, so that a node gets its slices back.
        package let name: NodeID
        /// Whether the others can reach it; a node that is cut off answers nobody.
        package let isReachable: Bool

        package init(name: NodeID, isReachable: Bool) {
            self.name = name
            self.isReachable = isReachable
        }
    }

    private let names: [NodeID]

    /// When nobody can be reached the fault is not the nodes', and each works on what it has.
    package init(among candidates: [Candidate]) {
        let reachable = candidates.filter(\.isReachable)
        names = Set((reachable.isEmpty ? candidates : reachable).map(\.name)).sorted()
    }

    /// The name of the node that should own the slice; nil without candidates. Cost: a few nanoseconds a node.
    package func owner(of slice: Slice) -> NodeID? { names.max { Self.weight(of: $0, for: slice) < Self.weight(of: $1, for: slice) } }

    /// The slices that a node should own.
    package func slices(of name: NodeID) -> [Slice] { Slice.all.filter { owner(of: $0) == name } }

    /// Two rounds of the finalizer of SplitMix64, which spreads every bit over all others.
    private static func weight(of node: NodeID, for slice: Slice) -> UInt64 {
        let high = UInt64(truncatingIfNeeded: node.bits >> 64)
        let low = UInt64(truncatingIfNeeded: node.bits)
        return SplitMix64.mix(SplitMix64.mix(high ^ UInt64(UInt16(bitPattern: slice.number)) &* 0x9e37_79b9_7f4a_7c15) ^ low)
    }
}
