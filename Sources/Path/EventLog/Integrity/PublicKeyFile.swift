import Cryptography
import Glibc

/// The public half of the key that signs checkpoints: 64 hexadecimal digits in a file that everybody may read.
package struct PublicKeyFile: Sendable {
    let path: String

    package init(path: String) { self.path = path }

    /// The key; throws `VaultKeyError` for a file that is missing or holds none. Blocks.
    package func read() throws(VaultKeyError) -> [UInt8] {
        guard let key = try VaultKeyFile(path: path).read() else { throw .unreadable(path: path, errorNumber: ENOENT) }
        return key.withBytes(Array.init)
    }

    /// Writes the key unless it is there. Blocks.
    func write(_ key: [UInt8]) throws(VaultKeyError) {
        if try VaultKeyFile(path: path).read()?.withBytes(Array.init) == key { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: path, errorNumber: errno) }
        defer { close(descriptor) }
        let line = Array("\(Hex.encode(key))\n".utf8)
        guard Glibc.write(descriptor, line, line.count) == line.count else { throw .unwritable(path: path, errorNumber: errno) }
    }
}
