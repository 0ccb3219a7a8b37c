package import Domain
import Synchronization
package import Vocabulary

/// A catalog whose entries tests write by hand.
package final class TestCatalog: Catalog {
    private struct Contents {
        var triggers: [TriggerID: CatalogTrigger] = [:]
        var workflows: [WorkflowID: CatalogWorkflow] = [:]
    }

    private let contents = Mutex(Contents())

    package init() {}

    package func put(_ trigger: CatalogTrigger) { contents.withLock { $0.triggers[trigger.id] = trigger } }
    package func put(_ workflow: CatalogWorkflow) { contents.withLock { $0.workflows[workflow.id] = workflow } }
    package func remove(_ trigger: TriggerID) { contents.withLock { _ = $0.triggers.removeValue(forKey: trigger) } }

    package func trigger(_ id: TriggerID) async throws -> CatalogTrigger? { contents.withLock { $0.triggers[id] } }
    package func workflow(_ id: WorkflowID) async throws -> CatalogWorkflow? { contents.withLock { $0.workflows[id] } }
    package func workflow(slug: String, tenant: TenantID, space: SpaceID) async throws -> CatalogWorkflow? {
        contents.withLock { contents in
            let named = contents.workflows.values.filter { $0.slug == slug }
            return named.first { $0.owner == tenant } ?? named.first { $0.owner == space }
        }
    }
    package func artefact(_ hash: String) async throws -> CatalogArtefact? { nil }
    package func space(of tenant: TenantID) async throws -> SpaceID? { tenant }
    package func connection(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogConnection? { nil }
    package func secret(name: String, tenant: TenantID, space: SpaceID) async throws -> CatalogSecret? { nil }
}

extension CatalogWorkflow {
    /// A published workflow, or one that is switched off.
    package static func test(
        _ number: Int, owner: TenantID, slug: String? = nil, tier: ExecutionTier = .standard, isActive: Bool = true
    ) -> CatalogWorkflow {
        CatalogWorkflow(
            id: WorkflowID(bits: UInt128(number)), owner: owner, slug: slug ?? "workflow-\(number)", isActive: isActive, version: 1,
            artefact: "artefact-\(number)", tier: tier, timeoutSeconds: tier.defaultTimeout, retry: RetryPolicy())
    }
}
