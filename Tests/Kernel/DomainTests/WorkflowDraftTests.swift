import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A workflow's draft` {
    let absent = DeciderSpec<WorkflowDecider>()

    static let timeouts: [(ExecutionTier, Int, Int?)] = [
        (.instant, 0, nil), (.instant, 1, 1), (.instant, 60, 60), (.instant, 61, 60), (.instant, 120, 60), (.instant, 121, nil), (.standard, 4, nil),
        (.standard, 5, 5), (.standard, 900, 900), (.standard, 901, nil), (.long, 29, nil), (.long, 30, 30), (.long, 21_600, 21_600),
        (.long, 21_601, nil), (.long, -1, nil), (.standard, Int.max, nil),
    ]

    /// An Instant workflow may ask for up to 120 s and is granted 60: its caller waits.
    @Test(arguments: timeouts) func `is granted a timeout within its tier`(tier: ExecutionTier, asked: Int, granted: Int?) {
        let decision = absent.when(.create(.sample.with(\.tier, tier).with(\.timeoutSeconds, asked)))
        if let granted {
            decision.then(.created(.sample.with(\.tier, tier).with(\.timeoutSeconds, granted)))
        } else {
            decision.thenRejected(at: "/timeoutSeconds")
        }
    }

    @Test(arguments: ExecutionTier.allCases) func `is fine with its tier's default`(tier: ExecutionTier) {
        #expect(tier.timeoutRange.contains(tier.defaultTimeout))
        #expect(tier.defaultTimeout <= tier.longestTimeout)
    }

    @Test func `does not change when it is saved with a timeout that is capped to what it has`() {
        let instant = WorkflowDraft.sample.with(\.tier, .instant).with(\.timeoutSeconds, 60)
        absent.given(.created(instant)).when(.update(instant.with(\.timeoutSeconds, 90), over: 1)).thenNothing()
    }

    @Test(arguments: ["workflows", "executions", "healthz", "mcp", "dlq"]) func `cannot have the name of a fixed route`(slug: String) {
        absent.when(.create(.sample.with(\.slug, slug))).thenRejected(at: "/slug")
    }

    @Test(arguments: ["", "-a", "a b", "a/b", "é", "a%20", "_a", String(repeating: "a", count: 201)]) func `needs a slug that fits into a URL`(
        slug: String
    ) {
        absent.when(.create(.sample.with(\.slug, slug))).thenRejected(at: "/slug")
    }

    @Test func `is as long as its limits and no longer`() {
        let longest = WorkflowDraft.sample.with(\.name, String(repeating: "n", count: Limits.nameLength))
            .with(\.description, String(repeating: "d", count: Limits.descriptionLength))
            .with(\.code, String(repeating: "c", count: Limits.workflowSourceBytes))
        absent.when(.create(longest)).then(.created(longest))
        absent.when(.create(longest.with(\.description, longest.description + "d").with(\.code, longest.code + "c"))).thenRejected(
            at: "/description", "/code")
        // Limits count bytes, which the log and its columns hold.
        absent.when(.create(.sample.with(\.name, String(repeating: "é", count: 101)))).thenRejected(at: "/name")
    }

    @Test func `is told all that is wrong at once`() {
        let wrong = WorkflowDraft.sample.with(\.name, "").with(\.slug, "a b").with(\.timeoutSeconds, 1).with(\.retry.maxAttempts, 0)
        absent.when(.create(wrong)).thenRejected(at: "/retry/maxAttempts", "/name", "/slug", "/timeoutSeconds")
    }
}

@Suite struct `The reserved names` {
    /// A workflow is called as `POST /api/v1/{name}`.
    @Test func `hold every fixed route of the contract`() throws {
        let contract = try Repository.text("schemas/http/openapi.yaml")
        let names = Set(contract.matches(of: /\n  \/api\/v1\/([^\/{:]+)/).map { String($0.output.1) })
        #expect(names.contains("tenants"))
        #expect(names.subtracting(FlowNames.reserved).isEmpty)
    }

    @Test func `could all be slugs otherwise`() {
        for name in FlowNames.reserved { #expect(TextRules.key(name, at: "") == nil, "\(name)") }
    }
}

@Suite struct `A slug made from free text` {
    @Test(arguments: [
        ("HubSpot → Xero (daily)", "hubspot-xero-daily"), ("New_Issue", "new_issue"), ("  a  b  ", "a-b"), ("--a--", "a"), ("Été", "t"), ("日本", ""),
        ("", ""),
        ("__init__", "init__"), ("-_a", "a"), ("v1.2", "v1-2"), (String(repeating: "a", count: 199) + " b", String(repeating: "a", count: 199)),
    ])
    func `is lower case and has no edges`(text: String, slug: String) {
        #expect(TextRules.slug(from: text) == slug)
    }

    @Test func `obeys the rule for slugs whenever there is one`() {
        for text in ["_", "a_", "__a", "-_-a-_-", "9 lives", "ÀB", "a" + String(repeating: "-b", count: 300)] {
            let slug = TextRules.slug(from: text)
            if !slug.isEmpty { #expect(TextRules.key(slug, at: "") == nil, "\(slug)") }
        }
    }
}
