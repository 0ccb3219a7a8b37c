package import Vocabulary

/// How a workflow is run and how long it may take.
package enum ExecutionTier: String, Sendable, CaseIterable, Codable {
    /// The caller waits for the result.
    case instant
    /// 202, then in the background.
    case standard
    /// 202, for large volumes.
    case long

    /// Seconds that a workflow of the tier may ask for.
    package var timeoutRange: ClosedRange<Int> {
        switch self {
        case .instant: 1...120
        case .standard: 5...900
        case .long: 30...21_600
        }
    }

    /// Seconds granted at most; an Instant workflow that asks for more is capped, since its caller waits.
    package var longestTimeout: Int { self == .instant ? 60 : timeoutRange.upperBound }

    package var defaultTimeout: Int {
        switch self {
        case .instant: 30
        case .standard: 300
        case .long: 3600
        }
    }
}

/// Whether and when a failed run is tried again.
package struct RetryPolicy: Hashable, Sendable, Codable {
    package var isEnabled = false
    /// Attempts in total, the first included.
    package var maxAttempts = 3
    package var initialIntervalMilliseconds = 5000
    package var backoffCoefficient = 2.0
    package var maxIntervalMilliseconds = 60_000

    package init() {}

    /// How long to wait after attempt number `attempt`, from 1; nil when there is no further attempt.
    package func wait(afterAttempt attempt: Int) -> Duration? {
        guard isEnabled, attempt < maxAttempts else { return nil }
        var interval = Double(initialIntervalMilliseconds)
        for _ in 1..<max(attempt, 1) { interval = min(interval * backoffCoefficient, Double(maxIntervalMilliseconds)) }
        return .milliseconds(Int64(min(interval, Double(maxIntervalMilliseconds))))
    }

    var problems: [Problem?] {
        [
            range(maxAttempts, 1...10, "/retry/maxAttempts"), range(initialIntervalMilliseconds, 1...3_600_000, "/retry/initialIntervalMs"),
            range(maxIntervalMilliseconds, 1...86_400_000, "/retry/maxIntervalMs"),
            (1...10).contains(backoffCoefficient) ? nil : Problem("/retry/backoffCoefficient", "must be between 1 and 10"),
        ]
    }

    private func range(_ value: Int, _ range: ClosedRange<Int>, _ pointer: String) -> Problem? {
        range.contains(value) ? nil : Problem(pointer, "must be between \(range.lowerBound) and \(range.upperBound)")
    }

    package var json: JSONValue {
        [
            "enabled": .bool(isEnabled), "maxAttempts": .int(maxAttempts), "initialIntervalMs": .int(initialIntervalMilliseconds),
            "backoffCoefficient": .double(backoffCoefficient), "maxIntervalMs": .int(maxIntervalMilliseconds),
        ]
    }

    /// Reads what is there and keeps the defaults for the rest; a member of the wrong type is a problem.
    package init(json: JSONValue, problems: inout [Problem]) {
        guard json.object != nil else {
            problems.append(Problem("/retry", "must be an object"))
            return
        }
        let fields: [(String, WritableKeyPath<RetryPolicy, Int>)] = [
            ("maxAttempts", \.maxAttempts), ("initialIntervalMs", \.initialIntervalMilliseconds), ("maxIntervalMs", \.maxIntervalMilliseconds),
        ]
        for (name, path) in fields {
            guard let value = json[name] else { continue }
            if let number = value.integer { self[keyPath: path] = number } else { problems.append(Problem("/retry/\(name)", "must be an integer")) }
        }
        if let value = json["enabled"] {
            if let flag = value.bool { isEnabled = flag } else { problems.append(Problem("/retry/enabled", "must be true or false")) }
        }
        if let value = json["backoffCoefficient"] {
            if let number = value.double {
                backoffCoefficient = number
            } else {
                problems.append(Problem("/retry/backoffCoefficient", "must be a number"))
            }
        }
    }
}
