import Domain
import Testing
import Vocabulary

@Suite struct `A workflow in the catalog` {
    static func workflow(isActive: Bool = true, version: Int? = 3, artefact: String? = "ef56") -> CatalogWorkflow {
        CatalogWorkflow(
            id: .sample(3), owner: .customer, slug: "new-issue", isActive: isActive, version: version, artefact: artefact, tier: .instant,
            timeoutSeconds: 30, retry: RetryPolicy())
    }

    static func request(_ workflow: CatalogWorkflow) -> RunRequest? {
        workflow.request(space: .acme, environment: EnvironmentName("staging"), event: .sample(6), trigger: .sample(4), triggeredBy: "webhook")
    }

    @Test func `pins a run to its newest version and settings`() {
        let wanted = RunRequest(
            space: .acme, workflow: .sample(3), slug: "new-issue", version: 3, artefact: "ef56", tier: .instant, timeout: .seconds(30),
            retry: RetryPolicy(), environment: EnvironmentName("staging"), event: .sample(6), trigger: .sample(4), triggeredBy: "webhook")
        #expect(Self.request(Self.workflow()) == wanted)
        #expect(wanted.with(timeout: .seconds(5)).timeout == .seconds(5))
    }

    @Test func `starts nothing when it is inactive or was never published`() {
        #expect(Self.request(Self.workflow(isActive: false)) == nil)
        #expect(Self.request(Self.workflow(version: nil)) == nil)
        #expect(Self.request(Self.workflow(artefact: nil)) == nil)
    }
}

@Suite struct `A refusal` {
    @Test func `tells what it means and what would help`() {
        let problems = [Problem("/name", "must not be empty"), Problem("/slug", "must not be empty")]
        let cases: [(EntityRejection, RejectionKind, String)] = [
            (.unknown(Category("workflow")), .notFound, "the workflow does not exist"),
            (.exists(Category("workflow")), .conflict, "the workflow exists already"),
            (.notNow("later"), .conflict, "later"), (.invalid(problems), .invalid, "/name: must not be empty; /slug: must not be empty"),
        ]
        for (refusal, kind, text) in cases {
            #expect(refusal.kind == kind)
            #expect(refusal.description == text)
        }
        #expect(EntityRejection.invalid(problems).problems == problems)
        #expect(EntityRejection.notNow("later").problems.isEmpty)
    }

    @Test func `of stored bytes names the event and the member, never the value`() {
        let form = StoredForm("run.failed", ["error": "secret"])
        #expect(StoredFormError(form, member: "error").description == "event run.failed v1: member error is missing or malformed")
        #expect(StoredFormError(form).description == "event run.failed v1 is not known to this release")
    }
}
