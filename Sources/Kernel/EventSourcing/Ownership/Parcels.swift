package import Vocabulary

/// Carries between nodes what is too large for the bus.
package protocol Parcels: Sendable {
    /// Keeps the bytes for whoever is told the id, where the slice's other data is.
    func leave(_ bytes: [UInt8], as id: ParcelID, of slice: Slice) async throws(EventStoreError)

    /// The bytes, once; nil when they were fetched before or waited too long.
    func fetch(_ id: ParcelID, of slice: Slice) async throws(EventStoreError) -> [UInt8]?
}
