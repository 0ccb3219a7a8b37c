import Cryptography
package import EventSourcing
import PostgresDriver
package import Vocabulary

/// Snapshots in a table beside the log.
///
/// Made by `EventLog`; answers nothing while `EventLog.run()` does not run. A row whose checksum is wrong is as good as none.
package final class PostgresSnapshotStore: SnapshotStore {
    /// How the body is laid out: CBOR, encrypted under the key of whose data it is.
    private static let codec: Int16 = 2

    private let pool: PostgresPool
    private let dataKeys: PostgresDataKeys

    init(pool: PostgresPool, dataKeys: PostgresDataKeys) {
        self.pool = pool
        self.dataKeys = dataKeys
    }

    package func latest(
        of address: StreamAddress, foldVersion: Int32, upTo version: StreamVersion?, withProvenance: Bool
    ) async throws(EventStoreError) -> Snapshot? {
        let sql = """
            select version, pos, recorded_at, body, provenance, checksum from snapshots
            where slice = $1 and stream_id = $2 and version <= $3 and fold_version = $4 and codec = $5\
            \(withProvenance ? " and provenance is not null" : "") order by version desc limit 1
            """
        let place: [PostgresValue] = [.int2(address.slice.number), .uuid(address.stream.bits), .int4(version?.number ?? .max)]
        let rows: PostgresRows
        do { rows = try await pool.query(sql, place + [.int4(foldVersion), .int2(Self.codec)]) } catch { throw EventStoreError(reading: error) }
        guard let row = rows.first else { return nil }
        let stored = try decoded { () throws(PostgresError) in
            let snapshot = Snapshot(
                version: StreamVersion(try row.int4(0)), position: try row.int8(1), recordedAt: Timestamp(microseconds: try row.timestamp(2)),
                foldVersion: foldVersion, body: try row.bytes(3), provenance: try row.optionalBytes(4))
            return try row.bytes(5) == snapshot.checksum(at: address) ? snapshot : nil
        }
        guard let stored, let id = SealedBytes.key(of: stored.body) else { return nil }
        let key = try await dataKeys.key(id, of: address.tenant)
        return SealedBytes.open(stored.body, Self.context(of: address), with: key).map {
            stored.with(body: $0, dataKey: key.isTenants ? nil : key.id)
        }
    }

    /// What a body is bound to.
    private static func context(of address: StreamAddress) -> [UInt8] {
        Array("fastn snapshot 1".utf8) + address.tenant.bytes + address.stream.bytes
    }

    package func save(_ snapshot: Snapshot, of address: StreamAddress) async throws(EventStoreError) {
        let secret = try await dataKeys.key(snapshot.dataKey, of: address.tenant)
        // Of what is erased nothing is kept.
        guard let body = try SealedBytes.seal(snapshot.body, Self.context(of: address), under: secret) else { return }
        try await store(snapshot.with(body: body, dataKey: snapshot.dataKey), of: address)
    }

    private func store(_ snapshot: Snapshot, of address: StreamAddress) async throws(EventStoreError) {
        let key: [PostgresValue] = [.int2(address.slice.number), .uuid(address.stream.bits), .int4(snapshot.version.number)]
        let place: [PostgresValue] = [
            .uuid(address.tenant.bits), .int8(snapshot.position), .timestamp(microsecondsSince1970: snapshot.recordedAt.microseconds),
        ]
        let content: [PostgresValue] = [
            .int4(snapshot.foldVersion), .int2(Self.codec), .bytes(snapshot.body), .optional(snapshot.provenance, PostgresValue.bytes),
            .bytes(snapshot.checksum(at: address)), .int4(Int32(Limits.snapshotsPerStream)),
        ]
        do { _ = try await pool.query(Self.saving, key + place + content) } catch { throw EventStoreError(reading: error) }
    }

    /// The statement sees the table as it was before it, so the new row is counted by hand: one too old to be kept is not inserted.
    private static let saving = """
        with kept as (
          select s.version from snapshots s where s.slice = $1 and s.stream_id = $2 and s.provenance is null and s.version <> $3
          union all select $3 where $10::bytea is null order by 1 desc limit $12),
        saved as (
          insert into snapshots (slice, stream_id, version, tenant_id, pos, recorded_at, fold_version, codec, body, provenance, checksum)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10::bytea, $11
            where $10::bytea is not null or $3 in (select version from kept)
            on conflict (slice, stream_id, version) do update
              set (pos, recorded_at, fold_version, codec, body, provenance, checksum) =
                (excluded.pos, excluded.recorded_at, excluded.fold_version, excluded.codec, excluded.body, excluded.provenance, excluded.checksum)
              where snapshots.fold_version < excluded.fold_version
                or snapshots.fold_version = excluded.fold_version and snapshots.provenance is null and excluded.provenance is not null)
        delete from snapshots s where s.slice = $1 and s.stream_id = $2 and s.provenance is null and s.version < (select min(version) from kept)
        """
}

extension Snapshot {
    /// The same with another body.
    fileprivate func with(body: [UInt8], dataKey: DataKeyID?) -> Snapshot {
        Snapshot(
            version: version, position: position, recordedAt: recordedAt, foldVersion: foldVersion, body: body, provenance: provenance,
            dataKey: dataKey)
    }

    /// Covers where the snapshot belongs too, so that a row moved to another stream is damage.
    package func checksum(at address: StreamAddress) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.bigEndian) { bytes += $0 } }
        append(address.tenant.bits)
        append(address.stream.bits)
        append(version.number)
        append(position)
        append(recordedAt.microseconds)
        append(foldVersion)
        append(body.count)
        bytes += body
        bytes += provenance ?? []
        return SHA256.hash(bytes).bytes
    }
}
