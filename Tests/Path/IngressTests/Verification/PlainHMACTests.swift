import Cryptography
import Ingress
import Testing

@Suite struct `The plain HMAC scheme with a signed timestamp` {
    private static let now: Int64 = 1_795_200_000
    private let body = Array(#"{"order":1}"#.utf8)

    private func signature(timestamp: String, body: [UInt8], secret: String = "shared") -> String {
        Hex.encode(HMACSHA256.code(of: Array("\(timestamp).".utf8) + body, key: SymmetricKey(secret)))
    }

    private func verdict(timestamp: String, signature: String, extra: [(name: String, value: String)] = []) -> VerificationVerdict {
        let headers = [(name: "X-Fastn-Timestamp", value: timestamp), (name: "X-Fastn-Signature", value: signature)] + extra
        return Verification.verify(
            WebhookRequest(headers: headers, body: body), scheme: .hmacSHA256, secrets: [WebhookSecret("shared")], nowUnixSeconds: Self.now)
    }

    @Test(arguments: ["", "sha256="], [-300, -299, 0, 299, 300])
    func `a fresh signed request is genuine, with and without prefix`(prefix: String, offset: Int64) {
        let timestamp = String(Self.now + offset)
        #expect(verdict(timestamp: timestamp, signature: prefix + signature(timestamp: timestamp, body: body)).isGenuine)
    }

    @Test(arguments: [-301, 301, -86_400])
    func `a timestamp outside the window is refused`(offset: Int64) {
        let timestamp = String(Self.now + offset)
        #expect(
            verdict(timestamp: timestamp, signature: signature(timestamp: timestamp, body: body)) == .refused(.outsideFreshnessWindow))
    }

    @Test(arguments: ["", "-1795200000", "+1795200000", "1795200000.0", " 1795200000", "1795200000000", "99999999999999999999", "now", "١٧٩٥٢"])
    func `a timestamp that is not whole seconds is refused though it is signed`(timestamp: String) {
        #expect(verdict(timestamp: timestamp, signature: signature(timestamp: timestamp, body: body)) == .refused(.malformedHeader))
    }

    @Test func `a changed timestamp is refused`() {
        let signature = signature(timestamp: String(Self.now), body: body)
        #expect(verdict(timestamp: String(Self.now + 1), signature: signature) == .refused(.signatureMismatch))
    }

    @Test func `upper-case digits are the same signature`() {
        let timestamp = String(Self.now)
        #expect(verdict(timestamp: timestamp, signature: signature(timestamp: timestamp, body: body).uppercased()).isGenuine)
    }

    @Test func `a signature of the body alone is refused`() {
        let bodyOnly = Hex.encode(HMACSHA256.code(of: body, key: SymmetricKey("shared")))
        #expect(verdict(timestamp: String(Self.now), signature: bodyOnly) == .refused(.signatureMismatch))
    }

    @Test func `the delivery is named by its header or else by what was signed`() {
        let timestamp = String(Self.now)
        let signature = signature(timestamp: timestamp, body: body)
        let anonymous = verdict(timestamp: timestamp, signature: signature).deduplicationKey
        #expect(anonymous == "hmac-sha256.content-sha256:" + SHA256.hash(Array("\(timestamp).".utf8) + body).hex)
        for name in ["x-fastn-delivery", "Idempotency-Key"] {
            let named = verdict(timestamp: timestamp, signature: signature, extra: [(name: name, value: "d-1")])
            #expect(named.deduplicationKey == "hmac-sha256.id:d-1")
        }
    }
}
