import Glibc

/// The few file operations the servers need, with errors that name the path and the remedy.
enum Files {
    /// What the number in `errno` means, as text.
    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The error for a failed write below `path`; a full disk is told apart because its remedy is another.
    static func writeError(_ path: String, _ code: Int32) -> LocalServerError {
        code == ENOSPC || code == EDQUOT ? .diskFull(folder: path) : .folderNotWritable(path: path, reason: reason(code))
    }

    /// Whether something exists at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Owner, mode and kind of `path`, or `nil` when it cannot be looked at.
    static func status(_ path: String) -> stat? {
        var result = stat()
        return lstat(path, &result) == 0 ? result : nil
    }

    /// Creates `path` and what is missing above it; an existing folder keeps its mode.
    static func createFolder(_ path: String, mode: mode_t = 0o755) throws(LocalServerError) {
        if let found = status(path), found.st_mode & S_IFMT == S_IFDIR || access(path + "/.", F_OK) == 0 { return }
        let parent = parent(of: path)
        if parent != path { try createFolder(parent) }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw writeError(path, errno) }
        // mkdir obeys the umask; an unprivileged server could otherwise not pass through.
        guard chmod(path, mode) == 0 else { throw writeError(path, errno) }
    }

    /// The whole of a small file, or `nil` when it cannot be read.
    static func read(_ path: String, from start: Int = 0, limit: Int = 64 * 1024) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress?.advanced(by: count), limit - count, off_t(start + count)) }
            if got < 0 && errno == EINTR { continue }
            guard got > 0 else { break }
            count += got
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// Replaces `path` by a file with `text`; a crash leaves the old one or the new one, never half.
    static func write(_ text: String, to path: String, mode: mode_t = 0o600, owner: ServerAccount? = nil) throws(LocalServerError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw writeError(path, errno) }
        defer { close(descriptor) }
        if let owner { try owner.takeOwnership(of: temporary) }
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            let count = remaining.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw writeError(path, errno) }
            remaining = remaining.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw writeError(path, errno) }
    }

    /// Removes a folder and all in it, without following links; what cannot be removed stays.
    static func removeTree(_ path: String) {
        if let found = status(path), found.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { removeTree(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    /// The names in a folder, without `.` and `..`, in no order; none when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The folder that holds `path`; of `/` it is `/`.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// `path` made absolute against the working directory, without a slash at its end.
    static func absolute(_ path: String) -> String {
        var result = path
        if !path.hasPrefix("/"), let here = getcwd(nil, 0) {
            result = String(cString: here) + "/" + path
            free(here)
        }
        while result.count > 1 && result.hasSuffix("/") { result.removeLast() }
        return result
    }

    /// Whether two paths lead to the same file, links followed; `nil` when one of them cannot be looked at.
    static func areSame(_ first: String, _ second: String) -> Bool? {
        var one = stat()
        var other = stat()
        guard stat(first, &one) == 0, stat(second, &other) == 0 else { return nil }
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }
}
