import Glibc

/// The settings the cluster runs with, given on the command line so that no file in the cluster can disagree.
///
/// Source: PostgreSQL manual, "Server Configuration".
enum PostgresSettings {
    /// Sessions: a pool of 16 and a writer for two processes that overlap in a restart, and some for people with psql.
    static let connectionLimit = 60

    static func list(port: Int, socketFolder: String, durability: PrivatePostgres.Configuration.Durability) -> [(name: String, value: String)] {
        let durable = durability == .full ? "on" : "off"
        return [
            ("listen_addresses", "127.0.0.1"),
            ("port", "\(port)"),
            ("unix_socket_directories", socketFolder),
            ("unix_socket_permissions", "0700"),
            ("max_connections", "\(connectionLimit)"),
            ("fsync", durable),
            ("synchronous_commit", durable),
            ("full_page_writes", durable),
            ("shared_buffers", "\(sharedBufferMegabytes)MB"),
            ("wal_buffers", "16MB"),
            // A gigabyte of log between checkpoints keeps full-page images rare under load; an idle cluster shrinks to the second figure.
            ("max_wal_size", "1GB"),
            ("min_wal_size", "128MB"),
            ("wal_compression", "on"),
            // Statements here are short; compiling them costs more than it saves.
            ("jit", "off"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
            ("log_checkpoints", "off"),
            // Statements may hold customers' data, so a failed one is not written to the log.
            ("log_min_error_statement", "panic"),
            ("log_parameter_max_length_on_error", "0"),
        ]
    }

    /// An eighth of the machine's memory, 64 to 512 MB: the rest serves the file cache, the server and the sandboxes.
    private static var sharedBufferMegabytes: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) / 1024 * sysconf(Int32(_SC_PAGESIZE)) / 1024
        return min(max(machine / 8, 64), 512)
    }
}
