import Glibc

/// The file a server writes its messages to, kept small.
struct ServerLog: Sendable {
    /// The size that makes the log be cut.
    static let byteLimit = 8 * 1024 * 1024
    /// What is kept of it then: the newest messages.
    static let keptBytes = 256 * 1024

    let path: String

    /// Bytes in the file; 0 when there is none yet.
    var size: Int { Files.status(path).map { Int($0.st_size) } ?? 0 }

    /// What was written after the file had `mark` bytes, the newest 64 KiB of it at most.
    func text(after mark: Int) -> String { Files.read(path, from: max(mark, size - 64 * 1024)) ?? "" }

    /// Cuts a file over the limit to its newest messages.
    ///
    /// The servers append, so cutting under them is safe; a line written between reading and cutting is lost.
    func trim(over limit: Int = byteLimit) {
        let size = size
        guard size > limit, let newest = Files.read(path, from: size - Self.keptBytes, limit: Self.keptBytes) else { return }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard ftruncate(descriptor, 0) == 0 else { return }
        var text = newest
        text.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
    }
}
