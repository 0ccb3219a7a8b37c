import Domain
import Vocabulary

/// Finds the workflows that a trigger's routes name, by slug or by id.
struct TriggerTargets {
    /// Whose trigger it is, which need not be who asks: a space changes its customers' triggers too.
    let owner: TenantID
    let space: SpaceID
    let catalog: any Catalog

    /// The routes as the trigger keeps them; a name that stands for no workflow of the tenant or its space is a problem.
    func routes(
        _ named: [TriggerInput.NamedRoute]?, over known: TriggerSpecification?, _ fields: inout RequestFields
    ) async throws -> [TriggerRoute] {
        guard let named else { return known?.routes ?? [] }
        var routes: [TriggerRoute] = []
        for (index, route) in named.prefix(Limits.routesPerTrigger).enumerated() {
            if let workflow = try await workflow(route.workflow) {
                routes.append(TriggerRoute(workflow: workflow, filter: route.filter))
            } else if !route.workflow.isEmpty {
                fields.report("routes/\(index)/workflow", "\"\(route.workflow)\" is not a workflow of this tenant or its space")
            }
        }
        if named.count > Limits.routesPerTrigger { fields.report("routes", "must have at most \(Limits.routesPerTrigger) elements") }
        return routes
    }

    private func workflow(_ name: String) async throws -> WorkflowID? {
        if let id = WorkflowID(name), let workflow = try await catalog.workflow(id), workflow.owner == owner || workflow.owner == space { return id }
        return try await catalog.workflow(slug: name, tenant: owner, space: space)?.id
    }
}
