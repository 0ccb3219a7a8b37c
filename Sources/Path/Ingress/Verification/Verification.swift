import Cryptography

/// Checks that webhook requests come from whoever holds the trigger's secret. Pure: no I/O, no clock.
///
/// Signatures are over the raw bytes and compared in constant time. An unreadable header is refused, never a crash.
package enum Verification {
    /// Verifies one request.
    ///
    /// - Parameters:
    ///   - request: header fields and raw body.
    ///   - scheme: how the trigger's sender signs.
    ///   - secrets: every secret that is valid now; any of them may have signed. Ignored by `.none`.
    ///   - nowUnixSeconds: the receiver's clock, for schemes that sign a timestamp.
    /// - Returns: a verdict; linear in the body and in the number of secrets.
    package static func verify(
        _ request: WebhookRequest, scheme: VerificationScheme, secrets: [WebhookSecret], nowUnixSeconds: Int64
    ) -> VerificationVerdict {
        do throws(VerificationRefusal) {
            let keys = secrets.compactMap { $0.key(for: scheme) }
            guard scheme == .none || !keys.isEmpty else { throw .noUsableSecret }
            let delivery =
                switch scheme {
                case .github: try github(request, keys)
                case .shopify: try shopify(request, keys)
                case .standardWebhooks: try standardWebhooks(request, keys, nowUnixSeconds)
                case .hmacSHA256: try plainHMAC(request, keys, nowUnixSeconds)
                case .none: try unsigned(request)
                }
            return .genuine(delivery)
        } catch {
            return .refused(error)
        }
    }

    private static func github(_ request: WebhookRequest, _ keys: [SymmetricKey]) throws(VerificationRefusal) -> VerifiedDelivery {
        guard let header = try request.single("X-Hub-Signature-256") else { throw .missingHeader }
        guard header.hasPrefix(hexPrefix), let code = Hex.decode(header.dropFirst(hexPrefix.count)) else { throw .malformedHeader }
        try requireSignature([code], of: request.body, keys)
        let id = try request.single("X-GitHub-Delivery")
        return VerifiedDelivery(deduplicationKey: key(id, orContent: request.body, .github))
    }

    private static func shopify(_ request: WebhookRequest, _ keys: [SymmetricKey]) throws(VerificationRefusal) -> VerifiedDelivery {
        guard let header = try request.single("X-Shopify-Hmac-Sha256") else { throw .missingHeader }
        guard let code = Base64.decode(header) else { throw .malformedHeader }
        try requireSignature([code], of: request.body, keys)
        let id = try request.single("X-Shopify-Webhook-Id", "X-Shopify-Event-Id")
        return VerifiedDelivery(deduplicationKey: key(id, orContent: request.body, .shopify))
    }

    private static func standardWebhooks(
        _ request: WebhookRequest, _ keys: [SymmetricKey], _ now: Int64
    ) throws(VerificationRefusal) -> VerifiedDelivery {
        guard let id = try request.single("webhook-id", "svix-id"), !id.isEmpty,
            let timestamp = try request.single("webhook-timestamp", "svix-timestamp"),
            let signatures = try request.single("webhook-signature", "svix-signature")
        else { throw .missingHeader }
        // Other versions in the list, such as the asymmetric v1a, are for receivers that know them.
        let codes = signatures.split(separator: " ").filter { $0.hasPrefix("v1,") }.compactMap { Base64.decode($0.dropFirst(3)) }
        guard !codes.isEmpty, let signedAt = unixSeconds(timestamp) else { throw .malformedHeader }
        try requireSignature(codes, of: Array("\(id).\(timestamp).".utf8) + request.body, keys)
        try requireFreshness(of: signedAt, now)
        return VerifiedDelivery(deduplicationKey: DeduplicationKey.id(id, scheme: .standardWebhooks))
    }

    private static func plainHMAC(
        _ request: WebhookRequest, _ keys: [SymmetricKey], _ now: Int64
    ) throws(VerificationRefusal) -> VerifiedDelivery {
        guard let timestamp = try request.single("x-fastn-timestamp"), let header = try request.single("x-fastn-signature") else {
            throw .missingHeader
        }
        let digits = header.hasPrefix(hexPrefix) ? header.dropFirst(hexPrefix.count) : header[...]
        guard let code = Hex.decode(digits), let signedAt = unixSeconds(timestamp) else { throw .malformedHeader }
        let content = Array("\(timestamp).".utf8) + request.body
        try requireSignature([code], of: content, keys)
        try requireFreshness(of: signedAt, now)
        let id = try request.single("x-fastn-delivery", "idempotency-key")
        return VerifiedDelivery(deduplicationKey: key(id, orContent: content, .hmacSHA256))
    }

    private static func unsigned(_ request: WebhookRequest) throws(VerificationRefusal) -> VerifiedDelivery {
        let id = try request.single("idempotency-key", "X-GitHub-Delivery", "X-Shopify-Webhook-Id", "webhook-id")
        return VerifiedDelivery(deduplicationKey: id.flatMap { $0.isEmpty ? nil : DeduplicationKey.id($0, scheme: .none) })
    }
}

extension Verification {
    private static let hexPrefix = "sha256="

    /// Refuses unless one of `codes` is the code of `content` under one of `keys`.
    private static func requireSignature(
        _ codes: [[UInt8]], of content: [UInt8], _ keys: [SymmetricKey]
    ) throws(VerificationRefusal) {
        // All pairs are compared, so that the time does not tell which secret of a rotation is in use.
        var genuine = false
        for expected in keys.map({ HMACSHA256.code(of: content, key: $0) }) {
            for code in codes where constantTimeEquals(code, expected) {
                genuine = true
            }
        }
        guard genuine else { throw .signatureMismatch }
    }

    private static func requireFreshness(of signedAt: Int64, _ now: Int64) throws(VerificationRefusal) {
        guard Duration.seconds(signedAt.distance(to: now).magnitude) <= VerificationScheme.freshnessWindow else {
            throw .outsideFreshnessWindow
        }
    }

    /// Whole seconds since 1970 from 1 to 12 digits; a sign, a point or milliseconds are refused.
    private static func unixSeconds(_ text: String) -> Int64? {
        guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text)
    }

    private static func key(_ id: String?, orContent content: [UInt8], _ scheme: VerificationScheme) -> String {
        guard let id, !id.isEmpty else { return DeduplicationKey.content(content, scheme: scheme) }
        return DeduplicationKey.id(id, scheme: scheme)
    }
}
