package import Vocabulary

/// Who owns what in several databases: a node joins each of them under one id.
package struct RegionalRegistry: SliceRegistry {
    private let registries: BySlice<any SliceRegistry>
    package let node: NodeID

    /// All of them know this process as `node`.
    package init(_ registries: BySlice<any SliceRegistry>, node: NodeID) {
        self.registries = registries
        self.node = node
    }

    package func term(of slice: Slice) -> SliceTerm? { registries[slice].term(of: slice) }

    package func holds(_ slice: Slice) -> Bool { registries[slice].holds(slice) }

    package func owner(of slice: Slice) -> NodeID? { registries[slice].owner(of: slice) }

    package func look(for slice: Slice) async { await registries[slice].look(for: slice) }
}

/// What a process owns among some of the slices.
package struct PartialOwnership: SliceOwnership {
    private let whole: any SliceOwnership
    private let slices: Set<Slice>

    package init(_ whole: any SliceOwnership, of slices: [Slice]) {
        self.whole = whole
        self.slices = Set(slices)
    }

    package func term(of slice: Slice) -> SliceTerm? { slices.contains(slice) ? whole.term(of: slice) : nil }

    package func holds(_ slice: Slice) -> Bool { slices.contains(slice) && whole.holds(slice) }
}
