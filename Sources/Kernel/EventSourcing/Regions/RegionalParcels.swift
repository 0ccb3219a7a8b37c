package import Vocabulary

/// The parcels of several databases as one: what is on its way between two nodes lies in no other region than it comes from.
package struct RegionalParcels: Parcels {
    private let parcels: BySlice<any Parcels>

    package init(_ parcels: BySlice<any Parcels>) { self.parcels = parcels }

    package func leave(_ bytes: [UInt8], as id: ParcelID, of slice: Slice) async throws(EventStoreError) {
        try await parcels[slice].leave(bytes, as: id, of: slice)
    }

    package func fetch(_ id: ParcelID, of slice: Slice) async throws(EventStoreError) -> [UInt8]? {
        try await parcels[slice].fetch(id, of: slice)
    }
}
