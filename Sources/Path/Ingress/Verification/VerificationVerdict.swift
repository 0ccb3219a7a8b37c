/// What verification found out about a request.
package enum VerificationVerdict: Sendable, Hashable {
    /// The sender holds the secret (or nothing was to be proven).
    case genuine(VerifiedDelivery)
    /// The request must not be acted upon. Every reason gets the same answer outside, or the answer would help to forge.
    case refused(VerificationRefusal)
}

/// What a genuine request says about itself in its header.
package struct VerifiedDelivery: Sendable, Hashable {
    /// Names the delivery, so that its repetition is known; printable ASCII, at most ``DeduplicationKey/maximumByteCount`` bytes.
    ///
    /// Nil (unsigned schemes only): nothing tells a repetition from a new delivery, so every delivery is new.
    package let deduplicationKey: String?

    package init(deduplicationKey: String?) { self.deduplicationKey = deduplicationKey }
}

/// Why a request was refused. For logs and counters; the sender learns none of it.
package enum VerificationRefusal: String, Error, Sendable, Hashable, CaseIterable {
    /// The trigger has no secret that its scheme can use.
    case noUsableSecret = "no-usable-secret"
    /// The header that carries the signature, its id or its timestamp is missing.
    case missingHeader = "missing-header"
    /// A header came more than once, with different values.
    case conflictingHeaders = "conflicting-headers"
    /// A signature or timestamp is not written as its scheme writes it.
    case malformedHeader = "malformed-header"
    /// No secret makes this signature of this content.
    case signatureMismatch = "signature-mismatch"
    /// The signed time is further from now than ``VerificationScheme/freshnessWindow``.
    case outsideFreshnessWindow = "outside-freshness-window"
}
