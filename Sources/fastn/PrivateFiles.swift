import Glibc

/// Small files in the data folder, readable by their owner alone.
enum PrivateFiles {
    /// Makes a folder that only its owner may list. A root-owned one may be passed through, since the private servers run as another user.
    static func makeFolder(_ path: String) throws {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            if mkdir(made, geteuid() == 0 ? 0o711 : 0o700) != 0, errno != EEXIST {
                throw FileError(path: made, doing: "make the folder", errno: errno)
            }
        }
        guard access(path, W_OK | X_OK) == 0 else { throw FileError(path: path, doing: "write to", errno: errno) }
    }

    static func read(_ path: String) throws -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw FileError(path: path, doing: "read", errno: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw FileError(path: path, doing: "read", errno: errno) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Replaces a file in one step, so that nobody ever reads half of it.
    static func write(_ text: String, to path: String) throws {
        let draft = "\(path).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(path: draft, doing: "write", errno: errno) }
        let bytes = Array(text.utf8)
        let written = Glibc.write(file, bytes, bytes.count)
        let failure = errno
        guard written == bytes.count, fsync(file) == 0, close(file) == 0 else { throw FileError(path: draft, doing: "write", errno: failure) }
        guard rename(draft, path) == 0 else { throw FileError(path: path, doing: "write", errno: errno) }
    }

    static func remove(_ path: String) { unlink(path) }
}

/// A file that cannot be used; one line for a person.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let doing: String
    let errno: Int32

    var description: String {
        let reason = String(cString: strerror(errno))
        return "cannot \(doing) \(path): \(reason); choose another folder with FASTN_DATA or mend this one"
    }
}
