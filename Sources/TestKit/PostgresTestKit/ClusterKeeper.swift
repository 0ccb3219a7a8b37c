import DriverThreads
import Glibc

/// A cluster in a temporary folder and the shell that keeps it: when this process ends, the shell sees its standard input end, stops the
/// server and deletes the folder.
///
/// Nothing here needs to be called at the end, so it works for a killed process as well.
struct ClusterKeeper: Sendable {
    /// Holds the cluster, its log and its unix socket.
    let directory: String
    /// The port on the loopback address, and the number in the socket's name.
    let port: UInt16
    /// The superuser's password for the loopback address: other users of the machine can reach the port, but not the folder.
    let password: String

    /// A port that was free may be taken a moment later by somebody else.
    private static let attemptLimit = 3

    /// Makes and starts a cluster. Blocks for about a second.
    static func start() throws -> ClusterKeeper {
        let binaries = try newestBinaries()
        var lastOutput = ""
        for _ in 0..<attemptLimit {
            let password = String(UInt64.random(in: .min ... .max), radix: 36)
            let keeper = ClusterKeeper(directory: try makeDirectory(), port: try freePort(), password: password)
            lastOutput = try keeper.launch(binaries: binaries)
            if lastOutput.hasSuffix("ready\n") { return keeper }
        }
        throw PostgresTestCluster.StartError(description: "the test cluster did not start:\n\(lastOutput)")
    }

    /// Debian keeps the server's programs out of the search path, one folder per version.
    private static func newestBinaries() throws -> String {
        let newestKnownVersion = 30
        let folders = (15...newestKnownVersion).reversed().map { "/usr/lib/postgresql/\($0)/bin" } + ["/usr/local/pgsql/bin", "/usr/bin"]
        guard let found = folders.first(where: { access("\($0)/initdb", X_OK) == 0 }) else {
            throw PostgresTestCluster.StartError(description: "no initdb of PostgreSQL 15 or later found: install the package postgresql-15")
        }
        return found
    }

    private static func makeDirectory() throws -> String {
        // Not TMPDIR: the path of a unix socket has 107 bytes at most.
        var path = Array("/tmp/pg-test-XXXXXX".utf8CString)
        guard mkdtemp(&path) != nil else { throw PostgresTestCluster.StartError(description: "cannot make a folder in /tmp (error \(errno))") }
        return String(decoding: path.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
        guard isBound else { throw PostgresTestCluster.StartError(description: "no free port on 127.0.0.1 (error \(errno))") }
        return UInt16(bigEndian: address.sin_port)
    }
}

extension ClusterKeeper {
    /// Starts the shell and answers what it said until it was ready or had failed.
    private func launch(binaries: String) throws -> String {
        // One socket is its input and output; it is closed on exec, so that no other child of this process keeps the cluster alive.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw PostgresTestCluster.StartError(description: "no socket for the keeper (error \(errno))")
        }
        let (ours, theirs) = (ends[0], ends[1])
        // A session of its own: the shell has to outlive a Ctrl-C that ends the tests, to clean up.
        let start = ProcessStart(
            ["/bin/sh", "-c", Self.script, "pg-test-keeper", directory, binaries, String(port), password],
            environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"],
            descriptors: (STDIN_FILENO...STDERR_FILENO).map { (childs: $0, source: .descriptor(theirs)) })
        do { _ = try start.spawn() } catch {
            close(theirs)
            throw PostgresTestCluster.StartError(description: "cannot start /bin/sh (error \(error.errno))")
        }
        close(theirs)
        let said = readUntilReady(ours)
        // Our end stays open on purpose for as long as this process lives, unless the shell has given up.
        if !said.hasSuffix("ready\n") { close(ours) }
        return said
    }

    private func readUntilReady(_ descriptor: Int32) -> String {
        var said: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            said += chunk[..<count]
            if said.suffix(6).elementsEqual("ready\n".utf8) { break }
        }
        return String(decoding: said, as: UTF8.self)
    }

    /// `$1` folder, `$2` programs, `$3` port, `$4` password. Postgres refuses to run as root, so root lends the folder to an unprivileged user.
    private static let script = """
        directory=$1 binaries=$2 port=$3 password=$4 as=
        trap '' HUP INT TERM
        finish() {
            $as "$binaries/pg_ctl" stop -D "$directory/data" -m immediate -s -w
            rm -rf "$directory"
        }
        trap finish EXIT
        set -e
        (umask 077; printf '%s\\n' "$password" >"$directory/password")
        if [ "$(id -u)" = 0 ]; then
            user=postgres; id -u "$user" >/dev/null 2>&1 || user=nobody
            chown -R "$user" "$directory"
            as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups --"
        fi
        cd "$directory"
        $as "$binaries/initdb" -D "$directory/data" -U postgres --pwfile="$directory/password" -A scram-sha-256 --auth-local=trust \
            --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions >initdb.log 2>&1 || { cat initdb.log; exit 1; }
        $as "$binaries/pg_ctl" start -D "$directory/data" -l "$directory/log" -s -w -t 60 -o "-p $port -k $directory \
            -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB \
            -c autovacuum=off -c timezone=UTC -c log_line_prefix=%d/%a/ -c max_wal_size=256MB" || { cat log; exit 1; }
        echo ready
        exec >/dev/null 2>&1
        cat
        """
}
