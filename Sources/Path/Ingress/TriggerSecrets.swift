import EventSourcing
import Synchronization
package import Vocabulary

/// The signing secrets of triggers, opened from the vault and kept for a short time.
package final class TriggerSecrets: Sendable {
    /// How long an opened secret stays in memory. A rotated one has a new id and is read at once.
    private static let lifetime = Duration.seconds(60)
    /// Secrets kept: the busiest triggers of one process; one beyond costs a read a delivery.
    private static let capacity = 4096

    private struct Entry {
        let secrets: [WebhookSecret]
        let expires: Timestamp
    }

    private let vault: any SecretVault
    private let clock: any IDSource
    private let entries = Mutex<[SecretID: Entry]>([:])

    init(vault: any SecretVault, clock: any IDSource) {
        self.vault = vault
        self.clock = clock
    }

    /// The name to which a trigger's secret is bound in the vault; it is sealed for the trigger's tenant.
    ///
    /// The value is text; of several lines each is a valid secret, so that one can be rotated without refusing what is under way.
    package static func name(of trigger: TriggerID) -> String { "trigger/\(trigger)" }

    /// Whether `scheme` can check deliveries with every secret of a value; there must be one.
    package static func areUsable(_ value: [UInt8], with scheme: VerificationScheme) -> Bool {
        let secrets = parse(value)
        return !secrets.isEmpty && secrets.allSatisfy { $0.isUsable(with: scheme) }
    }

    private static func parse(_ value: [UInt8]) -> [WebhookSecret] {
        let lines = value.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        return lines.map { WebhookSecret(String(decoding: $0, as: UTF8.self)) }
    }

    /// Every secret that is valid now.
    func secrets(_ id: SecretID, of trigger: TriggerID, tenant: TenantID) async throws -> [WebhookSecret] {
        let now = clock.now()
        if let entry = entries.withLock({ $0[id] }), entry.expires > now { return entry.secrets }
        let value = try await vault.open(id, tenant: tenant, name: Self.name(of: trigger))
        let secrets = Self.parse(value)
        entries.withLock { entries in
            // Cleared whole: a full cache of a minute's life is rare, and choosing a victim would cost every delivery.
            if entries.count >= Self.capacity { entries = [:] }
            entries[id] = Entry(secrets: secrets, expires: now + Self.lifetime)
        }
        return secrets
    }
}
