package import Vocabulary

/// Carries between nodes what is too large for the bus.
package protocol Parcels: Sendable {
    /// Keeps the bytes for whoever is told the id.
    func leave(_ bytes: [UInt8], as id: ParcelID) async throws(EventStoreError)

    /// The bytes, once; nil when they were fetched before or waited too long.
    func fetch(_ id: ParcelID) async throws(EventStoreError) -> [UInt8]?
}
