import CCrypto

/// The operating system's cryptographic random numbers, drawn through libcrypto's generator.
package enum RandomBytes {
    /// `count` unpredictable bytes (0 or more).
    ///
    /// Ends the process if the generator fails: going on with predictable keys or nonces would be worse than stopping.
    package static func make(count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let status = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(status == 1, "the random number generator of libcrypto failed")
            initializedCount = count
        }
    }
}
