package import EventSourcing
package import Vocabulary

/// What one node asks another.
package enum NodeQuestion: Sendable {
    /// Append this to a slice of yours.
    case append(AppendBatch)
    /// Execute a run of a tenant of yours and answer when it has ended or waits.
    case execute(RunID, TenantID, Lane)
    /// Stop the sandbox of a run, whose cancellation is in the log.
    case stop(RunID)
}

/// What the other answers.
package enum NodeAnswer: Sendable {
    case outcome(AppendOutcome)
    case done
    /// The slice is not the answering node's.
    case notMine
    case failed(EventStoreError)
}

/// Questions and answers as they travel.
enum NodeMessage: Codable, Sendable {
    case append(ForwardedBatch)
    case execute(run: RunID, tenant: TenantID, lane: Int16)
    case stop(run: RunID)
    case stored(kind: Stored, slice: Int16, position: Int64, version: Int32, recordedAt: Int64)
    case conflict(actual: Int32)
    case taken
    case done
    case notMine
    case failed(code: String, detail: String?)

    enum Stored: String, Codable, Sendable {
        case appended, already, repeated
    }

    init(_ question: NodeQuestion) {
        self =
            switch question {
            case .append(let batch): .append(ForwardedBatch(batch))
            case .execute(let run, let tenant, let lane): .execute(run: run, tenant: tenant, lane: lane.rawValue)
            case .stop(let run): .stop(run: run)
            }
    }

    init(_ answer: NodeAnswer) {
        self =
            switch answer {
            case .outcome(.appended(let receipt)): Self.stored(.appended, receipt)
            case .outcome(.already(let receipt)): Self.stored(.already, receipt)
            case .outcome(.repeated(let receipt)): Self.stored(.repeated, receipt)
            case .outcome(.conflict(let actual)): .conflict(actual: actual.number)
            case .outcome(.taken): .taken
            case .done: .done
            case .notMine: .notMine
            case .failed(let error): Self.failed(error)
            }
    }

    private static func stored(_ kind: Stored, _ receipt: AppendReceipt) -> NodeMessage {
        .stored(
            kind: kind, slice: receipt.first.slice.number, position: receipt.first.position, version: receipt.version.number,
            recordedAt: receipt.recordedAt.microseconds)
    }

    private static func failed(_ error: EventStoreError) -> NodeMessage {
        switch error.code {
        case .unavailable: .failed(code: "unavailable", detail: nil)
        case .unknownOutcome: .failed(code: "unknown_outcome", detail: nil)
        case .fenced: .notMine
        case .overloaded: .failed(code: "overloaded", detail: nil)
        case .invalid(let what): .failed(code: "invalid", detail: what)
        case .unreadable(let what): .failed(code: "unreadable", detail: what)
        case .corrupt(let what): .failed(code: "corrupt", detail: what)
        case .lost(let what): .failed(code: "lost", detail: what)
        }
    }

    /// The slice of a batch; nil for messages that carry no data.
    var slice: Slice? { if case .append(let forwarded) = self { Slice(of: forwarded.tenant) } else { nil } }

    /// The question; nil when it is none, or one that this release does not know.
    var question: NodeQuestion? {
        switch self {
        case .append(let forwarded): forwarded.batch.map(NodeQuestion.append)
        case .execute(let run, let tenant, let lane): Lane(rawValue: lane).map { .execute(run, tenant, $0) }
        case .stop(let run): .stop(run)
        case .stored, .conflict, .taken, .done, .notMine, .failed: nil
        }
    }

    /// The answer; nil when it is none.
    var answer: NodeAnswer? {
        switch self {
        case .stored(let kind, let slice, let position, let version, let recordedAt):
            guard let slice = Slice(number: slice) else { return nil }
            let receipt = AppendReceipt(
                first: LogPosition(slice: slice, position: position), version: StreamVersion(version),
                recordedAt: Timestamp(microseconds: recordedAt))
            switch kind {
            case .appended: return .outcome(.appended(receipt))
            case .already: return .outcome(.already(receipt))
            case .repeated: return .outcome(.repeated(receipt))
            }
        case .conflict(let actual): return .outcome(.conflict(actual: StreamVersion(actual)))
        case .taken: return .outcome(.taken)
        case .done: return .done
        case .notMine: return .notMine
        case .failed(let code, let detail): return .failed(EventStoreError(Self.code(code, detail ?? "")))
        case .append, .execute, .stop: return nil
        }
    }

    private static func code(_ name: String, _ detail: String) -> EventStoreError.Code {
        switch name {
        case "unavailable": .unavailable
        case "overloaded": .overloaded
        case "invalid": .invalid(detail)
        case "unreadable": .unreadable(detail)
        case "corrupt": .corrupt(detail)
        case "lost": .lost(detail)
        // Also what a newer release says: the same batch again finds out.
        default: .unknownOutcome
        }
    }
}
