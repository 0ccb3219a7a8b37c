import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A route's filter` {
    static let event = """
        {"body": {"action": "opened", "issue": {"number": 7, "labels": [{"name": "bug", "id": 1}, {"name": "help", "id": 2}], "assignee": null},
          "tags": ["a", "b", 3, true, ["deep"], null], "draft": false, "price": 10.0, "big": 9007199254740993},
         "headers": {"x-github-event": "issues"}, "query": {"tenant": "42"}}
        """

    static let cases: [(String, Bool)] = [
        // Shape: an object asks for its members and leaves the rest free.
        ("{}", true), ("{\"body\":{}}", true), ("{\"body\":{\"action\":\"opened\"}}", true), ("{\"body\":{\"action\":\"closed\"}}", false),
        ("{\"body\":{\"action\":\"Opened\"}}", false), ("{\"body\":{\"missing\":\"x\"}}", false), ("{\"body\":{\"issue\":{\"number\":7}}}", true),
        ("{\"body\":{\"issue\":{\"number\":8}}}", false), ("{\"body\":{\"issue\":{}}}", true), ("{\"body\":{\"action\":{}}}", false),
        ("{\"body\":{\"action\":\"opened\",\"issue\":{\"number\":8}}}", false),
        // Values: equal numbers are equal however they are written; kinds are not converted.
        ("{\"body\":{\"issue\":{\"number\":7.0}}}", true), ("{\"body\":{\"issue\":{\"number\":\"7\"}}}", false), ("{\"body\":{\"price\":10}}", true),
        ("{\"body\":{\"big\":9007199254740993}}", true), ("{\"body\":{\"big\":9007199254740992}}", false), ("{\"body\":{\"draft\":false}}", true),
        ("{\"body\":{\"draft\":null}}", false), ("{\"body\":{\"draft\":0}}", false), ("{\"body\":{\"issue\":{\"assignee\":null}}}", true),
        ("{\"body\":{\"missing\":null}}", false),
        // Lists: each element asked for must be there, in any order; a scalar finds itself.
        ("{\"body\":{\"tags\":\"a\"}}", true), ("{\"body\":{\"tags\":3.0}}", true), ("{\"body\":{\"tags\":true}}", true),
        ("{\"body\":{\"tags\":\"c\"}}", false),
        ("{\"body\":{\"tags\":\"deep\"}}", false), ("{\"body\":{\"tags\":null}}", false), ("{\"body\":{\"tags\":[\"b\",\"a\"]}}", true),
        ("{\"body\":{\"tags\":[\"a\",\"c\"]}}", false), ("{\"body\":{\"tags\":[]}}", true), ("{\"body\":{\"tags\":[[\"deep\"]]}}", true),
        ("{\"body\":{\"tags\":[null]}}", true), ("{\"body\":{\"issue\":{\"labels\":[{\"name\":\"bug\"}]}}}", true),
        ("{\"body\":{\"issue\":{\"labels\":[{\"name\":\"bug\",\"id\":2}]}}}", false),
        ("{\"body\":{\"issue\":{\"labels\":{\"name\":\"bug\"}}}}", false),
        ("{\"body\":{\"action\":[\"opened\"]}}", false),
        // The other roots, together.
        ("{\"headers\":{\"x-github-event\":\"issues\"}}", true), ("{\"headers\":{\"X-GitHub-Event\":\"issues\"}}", true),
        ("{\"headers\":{\"x-github-event\":\"Issues\"}}", false), ("{\"query\":{\"tenant\":\"42\"}}", true),
        ("{\"body\":{\"action\":\"opened\"},\"query\":{\"tenant\":\"43\"}}", false), ("{\"headers\":\"x\"}", false),
        // Of duplicate names the last one counts, as in JavaScript.
        ("{\"body\":{\"action\":\"closed\",\"action\":\"opened\"}}", true), ("{\"body\":{\"action\":\"opened\",\"action\":\"closed\"}}", false),
    ]

    @Test(arguments: cases) func `finds its shape in the event`(filter: String, matches: Bool) throws {
        let facts = try #require(try JSONValue(parsing: Self.event).object)
        let route = TriggerRoute(workflow: .sample(3), filter: try JSONValue(parsing: filter))
        #expect(RouteFilter.matches(route.filter, facts) == matches)
    }

    @Test func `lets every event pass when there is none`() {
        #expect(RouteFilter.matches(nil, [:]))
        #expect(!RouteFilter.matches(["body": [:]], [:]))
    }

    @Test func `keeps the names of bodies and queries as they are`() {
        let filter: JSONValue = ["body": ["Action": "Opened"], "query": ["Q": 1], "headers": ["X-A": "V"]]
        #expect(RouteFilter.normalized(filter) == ["body": ["Action": "Opened"], "query": ["Q": 1], "headers": ["x-a": "V"]])
        #expect(RouteFilter.normalized(RouteFilter.normalized(filter)) == RouteFilter.normalized(filter))
        #expect(RouteFilter.normalized("x") == "x")
    }

    static let refused: [(String, [String])] = [
        ("[]", [""]), ("\"opened\"", [""]), ("null", [""]), ("{\"action\":\"opened\"}", ["/action"]), ("{\"Body\":{}}", ["/Body"]),
        ("{\"$or\":[]}", ["/$or"]), ("{\"body\":{\"n\":{\"$gt\":1}}}", ["/body/n/$gt"]), ("{\"body\":{\"l\":[1,{\"$in\":[]}]}}", ["/body/l/1/$in"]),
        ("{\"x\":{\"$eq\":1},\"body\":{\"$eq\":1}}", ["/x", "/x/$eq", "/body/$eq"]),
        ("{\"body\":{\"a/b\":{\"~$\":1,\"$x~/\":1}}}", ["/body/a~1b/$x~0~1"]),
    ]

    @Test(arguments: refused) func `is refused where it asks for what filters cannot do`(filter: String, pointers: [String]) throws {
        let route = TriggerRoute(workflow: .sample(3), filter: try JSONValue(parsing: filter))
        let decision = DeciderSpec<TriggerDecider>().when(.create(.specification(routes: [route])))
        #expect(decision.refusal?.problems.map(\.pointer) == pointers.map { "/routes/0/filter\($0)" })
    }

    @Test func `may hold a dollar sign in its values and inside its names`() {
        let route = TriggerRoute(workflow: .sample(3), filter: ["body": ["price": "$10", "us$": 1]])
        #expect(DeciderSpec<TriggerDecider>().when(.create(.specification(routes: [route]))).refusal == nil)
    }

    @Test func `is bounded, since every event is searched for all of it`() {
        let most = TriggerRoute(workflow: .sample(3), filter: ["body": .array(Array(repeating: 1, count: Limits.filterTerms - 1))])
        let more = TriggerRoute(workflow: .sample(3), filter: ["body": .array(Array(repeating: 1, count: Limits.filterTerms))])
        #expect(DeciderSpec<TriggerDecider>().when(.create(.specification(routes: [most]))).refusal == nil)
        DeciderSpec<TriggerDecider>().when(.create(.specification(routes: [more]))).thenRejected(at: "/routes/0/filter")
    }
}
