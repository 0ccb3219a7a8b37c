/// How a webhook's sender proves that a request is its own.
///
/// The raw values are what triggers are saved with and what the API speaks.
package enum VerificationScheme: String, Sendable, Hashable, CaseIterable {
    /// `X-Hub-Signature-256: sha256=<hex>` over the body.
    /// Source: GitHub Docs, "Validating webhook deliveries".
    case github
    /// `X-Shopify-Hmac-Sha256: <base64>` over the body.
    /// Source: Shopify developer documentation, "Deliver webhooks through HTTPS".
    case shopify
    /// `webhook-id`, `webhook-timestamp` and a list of `v1,<base64>` over `id.timestamp.body`; the `svix-` names are accepted too.
    /// Source: Standard Webhooks specification 1.0.0.
    case standardWebhooks = "standard-webhooks"
    /// `x-fastn-timestamp: <unix seconds>` and `x-fastn-signature: sha256=<hex>` (or bare hex) over `timestamp.body`.
    case hmacSHA256 = "hmac-sha256"
    /// Nothing is proven: whoever knows the address may send. Chosen by name only, never by leaving the secret out.
    case none

    /// How far a signed timestamp may lie from the receiver's clock, into the past and into the future: 5 minutes.
    ///
    /// GitHub and Shopify sign no timestamp, and Shopify repeats a delivery for hours, so they know no window.
    package static let freshnessWindow = Duration.seconds(300)
}
