import Glibc

/// The folder outside the database that holds exported checkpoints, a file each. All calls block.
struct CheckpointFolder: Sendable {
    let path: String

    /// Files at the end that are all kept: a week of one a minute. With 256 slices a file has some 35 KB.
    static let keptFiles = 10_080
    /// Of older files each one whose number is a multiple of this is kept for good: one a day at one a minute.
    static let anchorInterval = 1440

    private static let prefix = "checkpoint-"

    /// The numbers of the files there are, ascending; throws when the folder cannot be read.
    func numbers() throws(CheckpointFolderError) -> [Int] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw CheckpointFolderError(path: path, doing: "read", errorNumber: errno)
        }
        defer { closedir(folder) }
        var numbers: [Int] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) { String(cString: $0) }
            }
            if name.hasPrefix(Self.prefix), let number = Int(name.dropFirst(Self.prefix.count)) { numbers.append(number) }
        }
        return numbers.sorted()
    }

    func read(_ number: Int) throws(CheckpointFolderError) -> [UInt8] {
        let file = file(number)
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CheckpointFolderError(path: file, doing: "read", errorNumber: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw CheckpointFolderError(path: file, doing: "read", errorNumber: errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Returns when the file is on disk, whole, under its number; throws with EEXIST when there is one already.
    func write(_ bytes: [UInt8], as number: Int) throws(CheckpointFolderError) {
        let (draft, file) = ("\(path)/.draft-\(getpid())", file(number))
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw CheckpointFolderError(path: path, doing: "make", errorNumber: errno) }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CheckpointFolderError(path: draft, doing: "write", errorNumber: errno) }
        defer { unlink(draft) }
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let failure = errno
        close(descriptor)
        guard isWritten else { throw CheckpointFolderError(path: draft, doing: "write", errorNumber: failure) }
        // A link, unlike a renaming, never takes the place of another file.
        guard link(draft, file) == 0 else { throw CheckpointFolderError(path: file, doing: "write", errorNumber: errno) }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw CheckpointFolderError(path: path, doing: "open", errorNumber: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw CheckpointFolderError(path: path, doing: "sync", errorNumber: errno) }
    }

    /// Removes the one file that is neither among the newest nor an anchor once `newest` is written.
    func removeOutdated(newest: Int) {
        let outdated = newest - Self.keptFiles
        if outdated > 0, !outdated.isMultiple(of: Self.anchorInterval) { unlink(file(outdated)) }
    }

    func file(_ number: Int) -> String {
        let digits = String(number)
        return "\(path)/\(Self.prefix)\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)"
    }
}

/// Why the folder of checkpoints cannot be used.
package struct CheckpointFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    let doing: String
    package let errorNumber: Int32

    package var description: String { "cannot \(doing) \(path): \(String(cString: strerror(errorNumber)))" }
}
