/// One step of the schema; never changed once it is released.
package struct Migration: Sendable {
    /// Counts from 1 without a gap; the file's name begins with it.
    package let number: Int32
    package let name: String
    /// Statements without parameters, run in one transaction.
    package let script: String

    package init(number: Int32, name: String, script: String) {
        self.number = number
        self.name = name
        self.script = script
    }

    /// All migrations of this release, oldest first.
    package static let all = [
        Migration(number: 1, name: "event_log", script: text(PackageResources._001_event_log_sql)),
        Migration(number: 2, name: "read_models", script: text(PackageResources._002_read_models_sql)),
        Migration(number: 3, name: "regions", script: text(PackageResources._003_regions_sql)),
    ]

    /// The functions of this release; they are replaced at every start and hold nothing.
    static let functions = [
        text(PackageResources.append_events_sql), text(PackageResources.ensure_event_partitions_sql), text(PackageResources.prune_slice_log_sql),
        text(PackageResources.settle_history_sql), text(PackageResources.ensure_slices_sql),
        text(PackageResources.assign_slices_sql), text(PackageResources.join_cluster_sql),
        text(PackageResources.acquire_slices_sql), text(PackageResources.read_heads_sql),
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
