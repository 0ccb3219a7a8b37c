import Cryptography
import Ingress
import Testing

@Suite struct `The identity of a delivery` {
    private let body = Array("{}".utf8)

    private func verdict(_ scheme: VerificationScheme, _ headers: KeyValuePairs<String, String>) -> VerificationVerdict {
        var fields = headers.map { (name: $0.key, value: $0.value) }
        let code = HMACSHA256.code(of: body, key: SymmetricKey("secret"))
        switch scheme {
        case .github: fields.append((name: "x-hub-signature-256", value: "sha256=" + Hex.encode(code)))
        case .shopify: fields.append((name: "x-shopify-hmac-sha256", value: Base64.encode(code)))
        case .standardWebhooks, .hmacSHA256, .none: break
        }
        return Verification.verify(
            WebhookRequest(headers: fields, body: body), scheme: scheme, secrets: [WebhookSecret("secret")], nowUnixSeconds: 0)
    }

    private func key(_ scheme: VerificationScheme, _ headers: KeyValuePairs<String, String>) -> String? {
        verdict(scheme, headers).deduplicationKey
    }

    @Test func `GitHub names it by delivery id or else by body`() {
        #expect(key(.github, ["X-GitHub-Delivery": "72d3162e"]) == "github.id:72d3162e")
        #expect(key(.github, [:]) == "github.content-sha256:" + SHA256.hash(body).hex)
        #expect(key(.github, ["X-GitHub-Delivery": ""]) == key(.github, [:]))
    }

    @Test func `Shopify names it by webhook id, then event id, then body`() {
        #expect(key(.shopify, ["X-Shopify-Event-Id": "e", "X-Shopify-Webhook-Id": "w"]) == "shopify.id:w")
        #expect(key(.shopify, ["X-Shopify-Event-Id": "e"]) == "shopify.id:e")
        #expect(key(.shopify, [:]) == "shopify.content-sha256:" + SHA256.hash(body).hex)
    }

    @Test(arguments: ["Idempotency-Key", "x-github-delivery", "X-Shopify-Webhook-Id", "webhook-id"])
    func `without verification the common id headers are believed`(name: String) {
        let request = WebhookRequest(headers: [(name: name, value: "1")], body: body)
        let verdict = Verification.verify(request, scheme: .none, secrets: [], nowUnixSeconds: 0)
        #expect(verdict.deduplicationKey == "none.id:1")
    }

    @Test func `without verification and id every delivery is new`() {
        #expect(verdict(.none, [:]) == .genuine(VerifiedDelivery(deduplicationKey: nil)))
    }

    @Test func `without verification an empty id is none`() {
        #expect(verdict(.none, ["Idempotency-Key": ""]) == verdict(.none, [:]))
    }

    @Test(arguments: [String(repeating: "x", count: 10_000), "a b", "a\u{0}b", "é", String(repeating: "x", count: 193)])
    func `a long or strange id is represented by its hash`(id: String) throws {
        let hashed = try #require(key(.none, ["webhook-id": id]))
        #expect(hashed == "none.id-sha256:" + SHA256.hash(id).hex)
        #expect(hashed.utf8.count <= DeduplicationKey.maximumByteCount)
    }

    @Test func `the longest id that fits is kept as it is`() {
        let id = String(repeating: "x", count: DeduplicationKey.maximumByteCount - "none.id:".utf8.count)
        #expect(key(.none, ["webhook-id": id]) == "none.id:" + id)
    }

    @Test func `two ids of one delivery are refused`() {
        #expect(verdict(.github, ["X-GitHub-Delivery": "1", "x-github-delivery": "2"]) == .refused(.conflictingHeaders))
    }

    @Test func `a secret never shows itself`() {
        var dumped = ""
        dump(WebhookSecret("hunter2"), to: &dumped)
        for text in ["\(WebhookSecret("hunter2"))", String(reflecting: WebhookSecret("hunter2")), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `a secret is usable only in the form its scheme needs`() {
        #expect(WebhookSecret("any text").isUsable(with: .github))
        #expect(!WebhookSecret("").isUsable(with: .shopify))
        #expect(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").isUsable(with: .standardWebhooks))
        #expect(WebhookSecret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").isUsable(with: .standardWebhooks))
        #expect(!WebhookSecret("whsec_not base64").isUsable(with: .standardWebhooks))
    }
}
