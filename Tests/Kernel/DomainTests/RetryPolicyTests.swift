import DeciderSpec
import Domain
import Testing
import Vocabulary

@Suite struct `A retry policy` {
    static func policy(attempts: Int = 3, initial: Int = 5000, coefficient: Double = 2, cap: Int = 60_000) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.isEnabled = true
        policy.maxAttempts = attempts
        policy.initialIntervalMilliseconds = initial
        policy.backoffCoefficient = coefficient
        policy.maxIntervalMilliseconds = cap
        return policy
    }

    static func waits(_ policy: RetryPolicy) -> [Int64?] { (1...10).map { policy.wait(afterAttempt: $0)?.milliseconds } }

    @Test func `waits 5 s, then 10 s, then no more`() {
        #expect(Self.waits(Self.policy()) == [5000, 10_000] + [nil] * 8)
    }

    @Test func `never waits longer than its cap`() {
        #expect(Self.waits(Self.policy(attempts: 10)) == [5000, 10_000, 20_000, 40_000] + [60_000] * 5 + [nil])
        #expect(Self.policy(initial: 90_000).wait(afterAttempt: 1) == .seconds(60))
    }

    @Test func `waits evenly with the coefficient 1 and in fractions with 1.5`() {
        #expect(Self.waits(Self.policy(attempts: 4, coefficient: 1)) == [5000, 5000, 5000] + [nil] * 7)
        #expect(Self.waits(Self.policy(attempts: 4, initial: 3, coefficient: 1.5)) == [3, 4, 6] + [nil] * 7)
    }

    @Test func `waits for nothing when it is off or allows one attempt`() {
        #expect(RetryPolicy().wait(afterAttempt: 1) == nil)
        #expect(Self.waits(Self.policy(attempts: 1)) == [nil] * 10)
    }

    static let outOfRange: [(RetryPolicy, String)] = [
        (policy(attempts: 0), "maxAttempts"), (policy(attempts: 11), "maxAttempts"), (policy(initial: 0), "initialIntervalMs"),
        (policy(initial: 3_600_001), "initialIntervalMs"), (policy(cap: 0), "maxIntervalMs"), (policy(cap: 86_400_001), "maxIntervalMs"),
        (policy(coefficient: 0.9), "backoffCoefficient"), (policy(coefficient: 10.1), "backoffCoefficient"),
        (policy(coefficient: .nan), "backoffCoefficient"),
        (policy(coefficient: .infinity), "backoffCoefficient"),
    ]

    @Test(arguments: outOfRange.indices) func `is refused out of range`(index: Int) {
        let (policy, member) = Self.outOfRange[index]
        // Not a spec: a coefficient that is not finite has no stored form.
        #expect { try WorkflowDecider.decide(.create(.sample.with(\.retry, policy)), .absent, now: .epoch) } throws: {
            ($0 as? EntityRejection)?.problems.map(\.pointer) == ["/retry/\(member)"]
        }
    }

    @Test func `comes back from its JSON form`() {
        var problems: [Problem] = []
        let policy = Self.policy(attempts: 7, initial: 1, coefficient: 1.25, cap: 2)
        #expect(RetryPolicy(json: policy.json, problems: &problems) == policy)
        #expect(problems.isEmpty)
    }

    @Test func `keeps its defaults for what is missing`() {
        var problems: [Problem] = []
        #expect(RetryPolicy(json: [:], problems: &problems) == RetryPolicy())
        #expect(problems.isEmpty)
    }

    @Test func `names every member of the wrong type`() {
        var problems: [Problem] = []
        _ = RetryPolicy(json: ["enabled": 1, "maxAttempts": "3", "initialIntervalMs": .double(1.5), "backoffCoefficient": true], problems: &problems)
        #expect(Set(problems.map(\.pointer)) == ["/retry/enabled", "/retry/maxAttempts", "/retry/initialIntervalMs", "/retry/backoffCoefficient"])
    }

    @Test(arguments: [JSONValue.null, 5, "3", [], true]) func `is an object`(json: JSONValue) {
        var problems: [Problem] = []
        _ = RetryPolicy(json: json, problems: &problems)
        #expect(problems.map(\.pointer) == ["/retry"])
    }
}

private func * (element: [Int64?], count: Int) -> [Int64?] { (0..<count).flatMap { _ in element } }
