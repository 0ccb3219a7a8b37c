package import EventSourcing
import PostgresDriver
package import Vocabulary

/// What one node hands to another and is too large for the bus.
package struct PostgresParcels: Parcels {
    let pool: PostgresPool

    package func leave(_ bytes: [UInt8], as id: ParcelID, of _: Slice) async throws(EventStoreError) {
        do { _ = try await pool.query("insert into parcels (parcel_id, body) values ($1, $2)", [.uuid(id.bits), .bytes(bytes)]) } catch {
            throw EventStoreError(reading: error)
        }
    }

    package func fetch(_ id: ParcelID, of _: Slice) async throws(EventStoreError) -> [UInt8]? {
        do {
            let rows = try await pool.query("delete from parcels where parcel_id = $1 returning body", [.uuid(id.bits)])
            return try rows.first?.bytes(0)
        } catch { throw EventStoreError(reading: error) }
    }
}
