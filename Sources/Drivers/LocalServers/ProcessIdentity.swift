import Glibc

/// A process told apart from any later one with the same number: its id, when it started, and in which boot.
///
/// Source: proc(5), `/proc/PID/stat` field 22 (`starttime`, clock ticks since boot) and `/proc/sys/kernel/random/boot_id`.
struct ProcessIdentity: Sendable, Equatable {
    let processID: pid_t
    let startTicks: UInt64
    let bootID: String

    /// The process that has this id now, or `nil` when there is none or it has ended and only waits to be collected.
    init?(running processID: pid_t) {
        guard processID > 1, let line = Files.read("/proc/\(processID)/stat") else { return nil }
        // The name in field 2 may hold blanks and brackets, so fields are counted from its closing bracket.
        guard let bracket = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let ticks = UInt64(fields[19]) else { return nil }
        self.processID = processID
        startTicks = ticks
        bootID = Self.currentBootID
    }

    /// Reads what `record` wrote, or `nil` when it is not that.
    init?(record: String) {
        let words = record.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, let processID = pid_t(words[0]), let ticks = UInt64(words[1]) else { return nil }
        self.processID = processID
        startTicks = ticks
        bootID = String(words[2])
    }

    /// One line for a pid file.
    var record: String { "\(processID) \(startTicks) \(bootID)\n" }

    /// Whether this very process still runs.
    var isRunning: Bool { ProcessIdentity(running: processID) == self }

    private static var currentBootID: String {
        let text = Files.read("/proc/sys/kernel/random/boot_id") ?? "unknown"
        return String(text.split(whereSeparator: \.isWhitespace).first ?? "unknown")
    }
}
