import PostgresDriver
import Vocabulary

/// What a database knows of the installation that it is.
struct InstallationRecord: Sendable {
    let id: InstallationID
    let region: Region
    let database: DatabaseID
    /// The name of the node that made it.
    let firstNode: NodeID
    /// Tells which key its secrets are encrypted under.
    let key: [UInt8]
}

/// As what a process opens a database.
struct Membership: Sendable {
    let region: Region
    /// Nil for the main region's database, which decides.
    let installation: InstallationID?
    /// The database that is the region's; nil while none is.
    let database: DatabaseID?
    /// The name of this node.
    let node: NodeID
}

extension InstallationRecord {
    /// What the database says; nil when it is new. Blocks.
    static func read(_ connection: BlockingPostgresConnection) throws -> InstallationRecord? {
        try connection.execute(sql).first.map(InstallationRecord.init)
    }

    /// What a database says that may be of an older release, which knew no regions, or of something else; nil when it says nothing. Blocks.
    static func find(_ owner: BlockingPostgresConnection) throws -> InstallationRecord? {
        let sql = "select exists (select from pg_attribute where attrelid = to_regclass('public.installation') and attname = 'region')"
        return try owner.execute(sql).first?.bool(0) ?? false ? try read(owner) : nil
    }

    static let sql = "select id, region, database_id, first_node, key_id from installation"

    init(row: PostgresRow) throws {
        guard let region = Region(try row.text(1)) else { throw RegionError.unreadable(try row.text(1)) }
        self.init(
            id: InstallationID(bits: try row.uuid(0)), region: region, database: DatabaseID(bits: try row.uuid(2)),
            firstNode: NodeID(bits: try row.uuid(3)), key: try row.bytes(4))
    }
}
