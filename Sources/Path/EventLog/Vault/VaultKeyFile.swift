import Cryptography
import Glibc

/// The key that all secrets are encrypted under, as 64 hexadecimal digits in a file that only its owner reads.
struct VaultKeyFile {
    let path: String

    /// Longer than any key file of ours; what is longer is some other file.
    private static let byteLimit = 256

    /// The key, or nil when there is no file. Blocks.
    func read() throws(VaultKeyError) -> SymmetricKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .unreadable(path: path, errorNumber: errno)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.byteLimit)
        let count = Glibc.read(descriptor, &bytes, Self.byteLimit)
        guard count >= 0 else { throw .unreadable(path: path, errorNumber: errno) }
        let text = String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard let key = Hex.decode(text), key.count == AESGCM.keyByteCount else { throw .malformed(path: path) }
        return SymmetricKey(key)
    }

    /// Writes a new random key and answers it, or the one that another process has just written. Blocks until it is on disk.
    ///
    /// The file appears under its name whole or not at all: half a key would be refused at every start to come.
    func create() throws(VaultKeyError) -> SymmetricKey {
        let key = RandomBytes.make(count: AESGCM.keyByteCount)
        let draft = try writeDraft(Array(Hex.encode(key).utf8) + [UInt8(ascii: "\n")])
        defer { unlink(draft) }
        guard link(draft, path) == 0 else {
            let number = errno
            if number == EEXIST, let key = try read() { return key }
            throw .unwritable(path: path, errorNumber: number)
        }
        try syncFolder()
        return SymmetricKey(key)
    }

    /// A file beside the key's with these bytes on disk, for its owner alone; answers its path.
    private func writeDraft(_ bytes: [UInt8]) throws(VaultKeyError) -> String {
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw .unwritable(path: path, errorNumber: errno) }
        defer { close(descriptor) }
        let draft = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        // A key that is lost in a power cut takes all secrets with it.
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            let number = errno
            unlink(draft)
            throw .unwritable(path: path, errorNumber: number)
        }
        return draft
    }

    /// Brings the file's name to disk too.
    private func syncFolder() throws(VaultKeyError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(path: path, errorNumber: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unwritable(path: path, errorNumber: errno) }
    }
}

/// Why the secrets cannot be served; says nothing of the key.
package enum VaultKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(path: String, errorNumber: Int32)
    case unwritable(path: String, errorNumber: Int32)
    case malformed(path: String)
    /// There are secrets, but no key.
    case missing(path: String)
    /// There are secrets that were encrypted under another key.
    case wrong(path: String)

    private static let remedy = "restore it from a backup, or name that of another node with FASTN_VAULT_KEY"

    package var description: String {
        switch self {
        case .unreadable(let path, let number): "the key file \(path) cannot be read: \(String(cString: strerror(number)))"
        case .unwritable(let path, let number): "the key file \(path) cannot be written: \(String(cString: strerror(number)))"
        case .malformed(let path): "the key file \(path) does not hold a key of 64 hexadecimal digits: restore it from a backup"
        case .missing(let path): "the database has a key already but there is no key file \(path): \(Self.remedy)"
        case .wrong(let path): "the database belongs to another key than that in \(path): \(Self.remedy)"
        }
    }
}
