import DriverThreads
import Glibc
import LocalServers
package import PostgresDriver
package import ProcessTestKit

/// A primary and its streaming standby, in a scratch folder; who connects names both and is led to the one that takes writes.
///
/// Neither syncs to disk, so they prove what a server's death does and not what a machine's does.
package final class PostgresPair: Sendable {
    /// What the primary waits for before it says that something is committed.
    package enum Replication: Sendable {
        /// Until the standby has it too.
        case synchronous
        /// For nothing but itself.
        case asynchronous
    }

    /// One of the two servers.
    package enum Member: String, Sendable { case first, second }

    private let folder: ScratchFolder
    private let ports: [Member: Int]
    private let binaries: String
    private static let password = "replica"

    private init(_ folder: ScratchFolder, _ ports: [Member: Int], binaries: String) {
        self.folder = folder
        self.ports = ports
        self.binaries = binaries
    }

    /// Makes both and waits until the second follows the first. About three seconds.
    package static func start(_ replication: Replication) async throws -> PostgresPair {
        let (first, second) = (try LoopbackPort.pickFree(), try LoopbackPort.pickFree())
        let newest = try await FastnProcess.shell("ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1", in: ScratchFolder()).output
        let pair = PostgresPair(try ScratchFolder(), [.first: first, .second: second], binaries: String(newest.prefix { $0 != "\n" }))
        try await pair.make()
        if case .synchronous = replication {
            try await pair.execute("alter system set synchronous_standby_names = 'standby'", on: .first)
            try await pair.execute("select pg_reload_conf()", on: .first)
        }
        let state = replication == .synchronous ? "sync_state = 'sync'" : "state = 'streaming'"
        try await until("a standby that follows") {
            try await pair.rows("select count(*)::text from pg_stat_replication where \(state)", on: .first) == ["1"]
        }
        return pair
    }

    /// Names both servers and asks for the one that takes writes.
    package var connectionString: String {
        "postgresql://postgres:\(Self.password)@127.0.0.1:\(port(.first)),127.0.0.1:\(port(.second))/fastn?target_session_attrs=read-write"
    }

    /// Kills all processes of a server, as a power failure would.
    package func kill(_ member: Member) async throws {
        let data = folder.path("pg/\(member.rawValue)")
        try await until("the end of the \(member.rawValue) server") {
            folder.kill("postgres", inside: data)
            return ProcessTable.working(inside: data).isEmpty
        }
    }

    /// Starts a server that was killed. Its lock files go first: nobody may have collected the process that they name.
    package func start(_ member: Member) async throws {
        try await shell("rm -f \(member.rawValue)/postmaster.pid .s.PGSQL.\(port(member)).lock\n\(startWords(member))")
    }

    /// Makes the standby the server that takes writes.
    package func promote() async throws {
        let isPromoted = try await rows("select pg_promote(true, 60)::text", on: .second)
        guard isPromoted == ["true"] else { throw KitError("the standby was not promoted") }
    }

    /// Waits until the standby has all that the primary has, and cuts the stream: what comes later reaches the primary alone.
    package func cutStream() async throws {
        let position = try await rows("select pg_current_wal_lsn()::text", on: .first)
        try await until("a standby that has all") {
            try await rows("select (pg_last_wal_replay_lsn() >= '\(position.first ?? "")')::text", on: .second) == ["true"]
        }
        try await execute("alter system set primary_conninfo = ''", on: .second)
        try await execute("select pg_reload_conf()", on: .second)
        try await until("the end of the stream") { try await rows("select count(*)::text from pg_stat_replication", on: .first) == ["0"] }
    }

    /// The first column of what a query finds on one of the servers, as its superuser sees it.
    package func rows(_ sql: String, on member: Member) async throws -> [String] {
        let configuration = configuration(of: member)
        return try await DedicatedThread.run(name: "test-pair") {
            try BlockingPostgresConnection(configuration: configuration).execute(sql).map { try $0.text(0) }
        }
    }

    private func execute(_ sql: String, on member: Member) async throws {
        let configuration = configuration(of: member)
        _ = try await DedicatedThread.run(name: "test-pair") { try BlockingPostgresConnection(configuration: configuration).script(sql) }
    }

    /// Of one server, whatever it is just now.
    package func configuration(of member: Member) -> PostgresConfiguration {
        PostgresConfiguration(connectionString: "postgresql://postgres:\(Self.password)@127.0.0.1:\(port(member))/fastn")
    }

    private func port(_ member: Member) -> Int { ports[member, default: 0] }
}

extension PostgresPair {
    private func make() async throws {
        _ = try await FastnProcess.shell("mkdir pg", in: folder)
        try await shell(
            """
            printf '%s\\n' \(Self.password) >password
            \(programs)/initdb -D first -U postgres --pwfile=password -A scram-sha-256 --auth-local=trust --encoding=UTF8 --locale=C.UTF-8 \
                --no-sync --no-instructions
            \(startWords(.first))
            /usr/bin/psql -XAtq -h "$PWD" -p \(port(.first)) -U postgres -c 'create database fastn'
            \(programs)/pg_basebackup -D second -R -X stream -c fast --no-sync \
                -d "host=$PWD port=\(port(.first)) user=postgres application_name=standby"
            \(startWords(.second))
            """)
    }

    private var programs: String { "$as \(binaries)" }

    private func startWords(_ member: Member) -> String {
        """
        \(programs)/pg_ctl start -D \(member.rawValue) -l \(member.rawValue).log -s -w -t 60 -o "-p \(port(member)) -k $PWD \
            -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=32MB -c timezone=UTC -c wal_sender_timeout=10s" \
            || { tail -n 20 \(member.rawValue).log; exit 1; }
        """
    }

    /// Runs a script in the servers' folder, under an account that may run them: Postgres refuses root.
    private func shell(_ script: String) async throws {
        let outcome = try await FastnProcess.shell(
            """
            set -e
            cd pg
            if [ "$(id -u)" = 0 ]; then
                user=postgres; id -u "$user" >/dev/null 2>&1 || user=nobody
                chown -R "$user" .
                as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --"
            fi
            \(script)
            """, in: folder)
        guard outcome.exitCode == 0 else { throw KitError("the servers cannot be made: \(outcome.output)\(outcome.error)") }
    }
}
