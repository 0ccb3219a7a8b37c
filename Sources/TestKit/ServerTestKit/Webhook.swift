import Cryptography
import Vocabulary

/// Where a sender delivers to, and how it signs.
package struct Webhook: Sendable {
    package let url: String
    package let id: String
    /// `github` or `shopify`.
    package let scheme: String
    package let secret: String

    package init(url: String, id: String, scheme: String, secret: String) {
        (self.url, self.id, self.scheme, self.secret) = (url, id, scheme, secret)
    }

    /// Delivers a body signed as its sender would sign it. `delivery` is the sender's id of the delivery, equal when it is sent again.
    package func deliver(
        _ body: [UInt8], delivery: String, event: String = "push", by client: APIClient
    ) async throws -> APIClient.Answer {
        try await client.send("POST", url, headers: signed(body, delivery, event), bytes: body)
    }

    /// The headers of a delivery. Sources: the senders' documentation of their signatures.
    package func signed(_ body: [UInt8], _ delivery: String, _ event: String = "push") -> [(name: String, value: String)] {
        let code = HMACSHA256.code(of: body, key: SymmetricKey(Array(secret.utf8)))
        var headers = [(name: "content-type", value: "application/json")]
        if scheme == "shopify" {
            headers += [
                (name: "X-Shopify-Hmac-Sha256", value: Base64.encode(code)), (name: "X-Shopify-Webhook-Id", value: delivery),
                (name: "X-Shopify-Topic", value: event),
            ]
        } else {
            headers += [
                (name: "X-Hub-Signature-256", value: "sha256=\(Hex.encode(code))"), (name: "X-GitHub-Delivery", value: delivery),
                (name: "X-GitHub-Event", value: event),
            ]
        }
        return headers
    }
}
