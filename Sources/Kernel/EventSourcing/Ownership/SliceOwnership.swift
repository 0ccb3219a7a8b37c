package import Vocabulary

/// The fencing token under which a process owns a slice: it grows with every change of owner, and the log refuses older ones.
package struct SliceTerm: Hashable, Sendable, Comparable {
    package let epoch: Int64

    package init(_ epoch: Int64) { self.epoch = epoch }

    package static func < (left: SliceTerm, right: SliceTerm) -> Bool { left.epoch < right.epoch }
}

/// Which slices this process owns. Asked before anything is answered from memory, so an answer takes no more than a lock.
package protocol SliceOwnership: Sendable {
    /// The term under which nobody else can own the slice at this moment; nil when this process does not own it, or cannot be sure any more.
    ///
    /// What was read from the log under a term holds as long as the term does: nobody else appends meanwhile.
    func term(of slice: Slice) -> SliceTerm?

    /// Whether this process is the one to append to the slice, as far as it knows; the log decides.
    func holds(_ slice: Slice) -> Bool
}

extension SliceOwnership {
    /// Positions by slice number, as far as this process keeps up with them; what others do is never behind.
    package func kept(_ positions: [Int64]) -> [Int64] { Slice.all.map { holds($0) ? positions[Int($0.number)] : .max } }
}

/// Owns every slice for ever: a process whose log nobody shares, such as one with a log in memory.
package struct SoleOwner: SliceOwnership {
    package init() {}

    package func term(of _: Slice) -> SliceTerm? { SliceTerm(0) }

    package func holds(_: Slice) -> Bool { true }
}

/// Who owns which slice in a cluster, as this node last read it: may be wrong, so that whoever is asked checks it himself.
package protocol SliceRegistry: SliceOwnership {
    /// This process.
    var node: NodeID { get }

    /// The node that owned the slice when it was last looked at; nil when nobody did.
    func owner(of slice: Slice) -> NodeID?

    /// Looks again who owns the slice; returns at once when that was done a moment ago.
    func look(for slice: Slice) async
}
