import Domain
import EventSourcing
import Projections
import Vocabulary

/// Workflows: drafts, published versions, and whether they are started.
enum WorkflowRoutes {
    private static let base = "/api/v1/tenants/{tid}/workflows"

    static let all = [
        Route(
            "POST", base, "createWorkflow", Permission(.workflows, .create), "Create a workflow", input: "WorkflowInput", output: "Workflow",
            handler: create),
        Route(
            "GET", base, "listWorkflows", Permission(.workflows, .read), "List workflows", query: ["tier", "status", "limit", "cursor"],
            views: [.catalog], output: "WorkflowList", handler: list),
        Route(
            "GET", "\(base)/{wid}", "getWorkflow", Permission(.workflows, .read), "Read a workflow", query: ["asOf"],
            views: [.catalog], output: "Workflow", handler: PastResource.orNow(EntityKinds.workflow, id: "wid", shape: PastResource.workflow, get)),
        Route(
            "PUT", "\(base)/{wid}", "updateWorkflow", Permission(.workflows, .update), "Save a workflow's draft", input: "WorkflowInput",
            output: "Workflow", handler: update),
        Route(
            "POST", "\(base)/{wid}/publish", "publishWorkflow", Permission(.workflows, .deploy), "Publish the draft as a new version",
            output: "Workflow", handler: publish),
        Route(
            "POST", "\(base)/{wid}/archive", "archiveWorkflow", Permission(.workflows, .delete), "Deactivate a workflow for good",
            output: "Workflow", handler: { try await change($0, $1, .archive) }),
        Route(
            "POST", "\(base)/{wid}/enable", "enableWorkflow", Permission(.workflows, .update), "Let triggers and calls start a workflow",
            output: "Workflow", handler: { try await change($0, $1, .enable) }),
        Route(
            "POST", "\(base)/{wid}/disable", "disableWorkflow", Permission(.workflows, .update), "Stop starting a workflow", output: "Workflow",
            handler: { try await change($0, $1, .disable) }),
        Route(
            "DELETE", "\(base)/{wid}", "deleteWorkflow", Permission(.workflows, .delete), "Archive a workflow",
            handler: { request, services in
                let answer = try await change(request, services, .archive)
                return APIResponse(status: 204, headers: answer.headers.filter { $0.name == MinimumPosition.writeHeader })
            }),
    ]

    @Sendable private static func list(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        try await request.page(filteredBy: { WorkflowFilter(tier: $0.choice("tier"), status: $0.choice("status")) }) {
            try await services.reads.workflows($0, $1, page: $2)
        }
    }

    @Sendable private static func get(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        .json(try found(try await services.reads.workflow(try request.id("wid"), try request.scope)).json)
    }

    @Sendable private static func create(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let caller = try request.signedIn
        var fields = try request.fields()
        var input = WorkflowInput(creating: &fields, owner: caller.tenant)
        try fields.finish()
        let write = try Write(request, services)
        let id: WorkflowID = write.newID()
        let address = address(of: id, caller.tenant)
        let save = WorkflowSave(address: address, write: write, services: services)
        input.settle(try await save.compile(input, judging: { .create($0) }, on: .absent))
        let reply = try await services.entities.workflows.send(.create(input.draft), to: address, isFresh: true, write.envelope)
        let location = "/api/v1/tenants/\(caller.tenant)/workflows/\(id)"
        return try await write.answer(id, after: reply.position, status: 201, at: location) {
            try await services.reads.workflow(id, caller.scope).map { warned($0.json, input.warnings) }
        }
    }

    @Sendable private static func update(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let write = try Write(request, services)
        return try await write.overWhatIsThere {
            let (address, workflow, state) = try await existing(request, services)
            var fields = try request.fields()
            fields.ignore("id", "tenantId", "status", "revision", "version", "versions", "createdAt", "updatedAt", "warnings")
            let input = WorkflowInput(updating: workflow.draft, &fields)
            try fields.finish()
            let revision = workflow.revision
            if input.draft.code != workflow.draft.code || input.draft.language != workflow.draft.language {
                let save = WorkflowSave(address: address, write: write, services: services)
                _ = try await save.compile(input, judging: { .update($0, over: revision) }, on: state)
            }
            let reply = try await services.entities.workflows.send(.update(input.draft, over: revision), to: address, write.envelope)
            return try await answer(request, services, write, address, after: reply.position, input.warnings)
        }
    }

    @Sendable private static func publish(_ request: APIRequest, _ services: APIServices) async throws -> APIResponse {
        let (address, workflow, _) = try await existing(request, services)
        let write = try Write(request, services)
        let artefact = try await services.compiler.compile(workflow.draft.code, language: workflow.draft.language)
        let command = WorkflowCommand.publish(revision: workflow.revision, artefact: artefact)
        let reply = try await services.entities.workflows.send(command, to: address, write.envelope)
        return try await answer(request, services, write, address, after: reply.position)
    }

    private static func change(_ request: APIRequest, _ services: APIServices, _ command: WorkflowCommand) async throws -> APIResponse {
        let (address, _, _) = try await existing(request, services)
        let write = try Write(request, services)
        let reply = try await services.entities.workflows.send(command, to: address, write.envelope)
        return try await answer(request, services, write, address, after: reply.position)
    }

    private static func answer(
        _ request: APIRequest, _ services: APIServices, _ write: Write, _ address: StreamAddress, after position: LogPosition?,
        _ warnings: [String] = []
    ) async throws -> APIResponse {
        let (id, scope): (WorkflowID, ReadScope) = (address.stream.recast(), try request.scope)
        return try await write.answer(id, after: position) { try await services.reads.workflow(id, scope).map { warned($0.json, warnings) } }
    }

    /// The workflow that the path names, as the log has it; one that reads do not show yet is looked for among the caller's own.
    private static func existing(_ request: APIRequest, _ services: APIServices) async throws -> (StreamAddress, Workflow, WorkflowState) {
        let id: WorkflowID = try request.id("wid")
        let owner = try await services.reads.workflow(id, try request.scope)?.workflow.tenant
        let address = address(of: id, try owner ?? request.signedIn.tenant)
        let state = try await services.entities.workflows.state(at: address)
        guard case .present(let workflow) = state else { throw APIError.notFound }
        return (address, workflow, state)
    }

    private static func address(of id: WorkflowID, _ owner: TenantID) -> StreamAddress {
        StreamAddress(tenant: owner, stream: id.recast(), category: WorkflowDecider.category)
    }

    private static func warned(_ json: JSONValue, _ warnings: [String]) -> JSONValue {
        warnings.isEmpty ? json : json.with("warnings", .array(warnings.map(JSONValue.string)))
    }
}
