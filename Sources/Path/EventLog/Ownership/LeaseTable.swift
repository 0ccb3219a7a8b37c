import EventSourcing
import PostgresDriver
import Vocabulary

/// The statements on nodes and leases. All times are the database's.
struct LeaseTable: Sendable {
    /// What a heartbeat found.
    struct Reading: Sendable {
        var isSuperseded = false
        /// This node's slices and their epochs.
        var own: [Slice: Int64] = [:]
        /// Nodes that live, the oldest first.
        var nodes: [ClusterNode] = []
        /// Who owns each slice whose lease has not run out.
        var owners: [Slice: NodeID] = [:]
        /// Those that other databases have slices of.
        var regions: Set<Region> = []
    }

    /// For heartbeats and what follows from them, so that nothing else delays them.
    let pool: PostgresPool
    /// For what others ask.
    let reader: PostgresPool
    let configuration: ClusterConfiguration
    let region: Region

    private var seconds: PostgresValue { .double(configuration.leaseDuration / .seconds(1)) }
    private var node: PostgresValue { .uuid(configuration.node.bits) }

    func join() async throws(PostgresError) {
        _ = try await pool.query("select join_cluster($1, $2)", [node, .uuid(configuration.name.bits)])
    }

    /// Says that this node lives, prolongs its leases, and reads how the cluster stands: one trip, one transaction.
    func beat() async throws(PostgresError) -> Reading {
        let alive = """
            insert into nodes (node_id, name, address, is_reachable, expires_at)
            values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 s')
            on conflict (node_id) do update set is_reachable = excluded.is_reachable, address = excluded.address,
              expires_at = case when nodes.is_superseded then '-infinity' else excluded.expires_at end
            returning is_superseded
            """
        let prolong = """
            update slice_lease set expires_at = clock_timestamp() + $2 * interval '1 s' where owner = $1 returning slice, epoch
            """
        let others = "select node_id, name, address, is_reachable, started_at from nodes where expires_at > clock_timestamp() order by started_at"
        let owners = "select slice, owner from slice_lease where owner is not null and expires_at > clock_timestamp()"
        let me: [PostgresValue] = [
            node, .uuid(configuration.name.bits), .text(configuration.address), .bool(configuration.isReachable()), seconds,
        ]
        let answers = try await pool.queries([
            PostgresStatement(alive, me), PostgresStatement(prolong, [node, seconds]), PostgresStatement(others, []), PostgresStatement(owners, []),
            PostgresStatement("select distinct region from slice_regions", []),
            PostgresStatement("delete from nodes where expires_at < clock_timestamp() - interval '1 hour' and expires_at > '-infinity'", []),
        ])
        var reading = Reading()
        reading.isSuperseded = try answers[0].first?.bool(0) ?? true
        for row in answers[1] { if let slice = Slice(number: try row.int2(0)) { reading.own[slice] = try row.int8(1) } }
        for row in answers[2] {
            reading.nodes.append(
                ClusterNode(
                    id: NodeID(bits: try row.uuid(0)), name: NodeID(bits: try row.uuid(1)), address: try row.text(2), isReachable: try row.bool(3),
                    startedAt: Timestamp(microseconds: try row.timestamp(4))))
        }
        reading.owners = try Self.owners(answers[3])
        for row in answers[4] { if let region = Region(try row.text(0)) { reading.regions.insert(region) } }
        return reading
    }

    /// Who owns each slice now.
    func owners() async throws(PostgresError) -> [Slice: NodeID] {
        try Self.owners(
            await reader.query("select slice, owner from slice_lease where owner is not null and expires_at > clock_timestamp()"))
    }

    /// How every slice stands.
    func slices() async throws(PostgresError) -> [SliceStanding] {
        let sql = """
            select head.slice, head.epoch, case when lease.expires_at > clock_timestamp() then lease.owner end, newest.pos,
                   (select max(newest.pos - read.pos) from checkpoints read
                    where read.slice = head.slice and read.projection not like '%.rebuild')
            from slice_head head join slice_lease lease using (slice)
            cross join lateral (select pos from slice_log logged where logged.slice = head.slice order by pos desc limit 1) newest
            order by head.slice
            """
        var slices: [SliceStanding] = []
        for row in try await reader.query(sql) {
            guard let slice = Slice(number: try row.int2(0)) else { continue }
            slices.append(
                SliceStanding(
                    slice: slice, region: region, epoch: try row.int8(1), owner: try row.optionalUUID(2).map { NodeID(bits: $0) },
                    head: try row.int8(3), lag: try row.optionalInt8(4) ?? 0))
        }
        return slices
    }

    /// Takes what is free of these slices; answers it with its epochs.
    func acquire(_ slices: [Slice]) async throws(PostgresError) -> [Slice: Int64] {
        var epochs: [Slice: Int64] = [:]
        let wanted = PostgresValue.int2s(slices.map(\.number))
        for row in try await pool.query("select slice, epoch from acquire_slices($1, $2, $3)", [node, wanted, seconds]) {
            if let slice = Slice(number: try row.int2(0)) { epochs[slice] = try row.int8(1) }
        }
        return epochs
    }

    /// Gives slices up, so that their next owner need not wait for the lease to run out.
    func release(_ slices: [Slice]) async throws(PostgresError) {
        _ = try await pool.query(
            "update slice_lease set owner = null where owner = $1 and slice = any ($2)", [node, .int2s(slices.map(\.number))])
    }

    /// Takes this node off the list, with all that it owns.
    func leave() async throws(PostgresError) {
        _ = try await pool.queries([
            PostgresStatement("update slice_lease set owner = null where owner = $1", [node]),
            PostgresStatement("select distinct region from slice_regions", []),
            PostgresStatement("delete from nodes where node_id = $1", [node]),
        ])
    }

    private static func owners(_ rows: PostgresRows) throws(PostgresError) -> [Slice: NodeID] {
        var owners: [Slice: NodeID] = [:]
        for row in rows { if let slice = Slice(number: try row.int2(0)) { owners[slice] = NodeID(bits: try row.uuid(1)) } }
        return owners
    }
}
