import Foundation
import Ingress
import Testing

/// One signed request of `Tests/Fixtures/signatures/vectors.json`, made with the senders' own libraries.
struct SignatureVector: Decodable, Sendable, CustomTestStringConvertible {
    let scheme: String
    let name: String
    let valid: Bool
    let secret: String
    let now: Int64
    let headers: [String: String]
    private let bodyBase64: String

    var body: [UInt8] { Data(base64Encoded: bodyBase64).map(Array.init) ?? [] }
    var testDescription: String { "\(scheme): \(name)" }

    /// The vectors of the schemes that are ours; the file has others too.
    static let ours = all.filter { VerificationScheme(rawValue: $0.scheme) != nil }

    private static let all: [SignatureVector] = {
        let file = URL(filePath: #filePath).appending(path: "../../../../Fixtures/signatures/vectors.json").standardized
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // An unreadable file leaves no vectors, which a test of their number reports.
        guard let data = try? Data(contentsOf: file), let vectors = try? decoder.decode([SignatureVector].self, from: data) else { return [] }
        return vectors
    }()

    func verdict(
        headers changed: [(name: String, value: String)]? = nil, body changedBody: [UInt8]? = nil, secrets: [String]? = nil, now: Int64? = nil
    ) -> VerificationVerdict {
        Verification.verify(
            WebhookRequest(headers: changed ?? headers.map { (name: $0.key, value: $0.value) }, body: changedBody ?? body),
            scheme: VerificationScheme(rawValue: scheme) ?? .none,
            secrets: (secrets ?? [secret]).map(WebhookSecret.init),
            nowUnixSeconds: now ?? self.now)
    }
}

extension VerificationVerdict {
    var isGenuine: Bool {
        switch self {
        case .genuine: true
        case .refused: false
        }
    }

    var deduplicationKey: String? {
        switch self {
        case .genuine(let delivery): delivery.deduplicationKey
        case .refused: nil
        }
    }
}
