import CCrypto

/// A secret key in memory of its own, which is wiped when the last user lets go of it.
///
/// It is a class so that passing it on does not copy the bytes. Its description never shows them.
package final class SymmetricKey: @unchecked Sendable {
    // Unchecked: the memory is written in the initialisers only and read-only from then on, until `deinit`.
    private let storage: UnsafeMutableRawBufferPointer

    /// Takes a copy of `bytes` (0 or more); the caller's copy stays the caller's to forget.
    package init(_ bytes: some ByteSource) {
        storage = bytes.withBytes { source in
            let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 1)
            storage.copyMemory(from: source)
            return storage
        }
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// Length of the key, in bytes.
    package var byteCount: Int { storage.count }
}

extension SymmetricKey: ByteSource {
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        defer { withExtendedLifetime(self) {} }
        return body(UnsafeRawBufferPointer(storage))
    }
}

extension SymmetricKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "SymmetricKey(\(byteCount) bytes, redacted)" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
