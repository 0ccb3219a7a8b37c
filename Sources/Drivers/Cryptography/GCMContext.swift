import CCrypto

/// Owns one `EVP_CIPHER_CTX` set up for AES-256-GCM and frees it, wiped, exactly once.
///
/// Order of calls: authenticate, transform, (open: expect), finish, (seal: tag). Source: OpenSSL manual, "EVP_EncryptInit".
struct GCMContext: ~Copyable {
    enum Direction: Int32 {
        case open = 0
        case seal = 1
    }

    private let handle: OpaquePointer

    init(direction: Direction, key: SymmetricKey, nonce: [UInt8]) {
        guard let handle = EVP_CIPHER_CTX_new() else { preconditionFailure("libcrypto has no memory for a cipher") }
        self.handle = handle
        let status = key.withBytes { key in
            EVP_CipherInit_ex(
                handle, EVP_aes_256_gcm(), nil, key.assumingMemoryBound(to: UInt8.self).baseAddress, nonce, direction.rawValue)
        }
        precondition(status == 1, "libcrypto refused AES-256-GCM")
    }

    deinit { EVP_CIPHER_CTX_free(handle) }

    /// Adds data that is authenticated but not encrypted.
    func authenticate(_ associatedData: [UInt8]) {
        // A call without input means "finish" to some ciphers, so an empty one is left out.
        guard !associatedData.isEmpty else { return }
        var written: Int32 = 0
        let status = EVP_CipherUpdate(handle, nil, &written, associatedData, Int32(associatedData.count))
        precondition(status == 1, "libcrypto refused \(associatedData.count) bytes of associated data")
    }

    /// Encrypts or decrypts; the result is as long as the input.
    func transform(_ input: ArraySlice<UInt8>) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        return [UInt8](unsafeUninitializedCapacity: input.count) { output, initializedCount in
            var written: Int32 = 0
            let status = input.withUnsafeBufferPointer { input in
                EVP_CipherUpdate(handle, output.baseAddress, &written, input.baseAddress, Int32(input.count))
            }
            precondition(status == 1 && Int(written) == input.count, "libcrypto transformed \(written) of \(input.count) bytes")
            initializedCount = Int(written)
        }
    }

    /// Says, before `finish`, which tag the opened record must have.
    func expect(tag: [UInt8]) {
        var tag = tag
        let status = EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag)
        precondition(status == 1, "libcrypto refused a tag of \(tag.count) bytes")
    }

    /// Ends the record; false when opening and the tag is not the expected one.
    func finish() -> Bool {
        var nothing = [UInt8](repeating: 0, count: AESGCM.tagByteCount)
        var written: Int32 = 0
        return EVP_CipherFinal_ex(handle, &nothing, &written) == 1
    }

    /// The tag of a sealed record, after `finish`.
    func tag() -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: AESGCM.tagByteCount)
        let status = EVP_CIPHER_CTX_ctrl(handle, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag)
        precondition(status == 1, "libcrypto gave no tag")
        return tag
    }
}
