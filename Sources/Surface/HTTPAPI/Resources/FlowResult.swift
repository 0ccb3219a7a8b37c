import Domain
import Ingress
import Vocabulary

/// What the caller of an Instant workflow is told of its run.
struct FlowResult {
    let run: Run
    let started: StartedFlow

    /// The workflow's return value; nil when the run has not ended because another attempt follows. Throws `APIError` when it failed.
    var response: APIResponse? {
        get throws(APIError) {
            switch run.status {
            case .pending, .running: return nil
            case .completed:
                return .json(run.output ?? JSONValue.null.encoded, headers: [("x-fastn-execution-id", started.run.description)])
            case .cancelled: throw failed(.conflict, "The execution was cancelled.")
            case .timedOut: throw failed(.timedOut, run.failure?.message ?? "The execution exceeded its maximum time.")
            case .failed:
                let message = run.failure.map { "\($0.name): \($0.message)" } ?? "The execution failed."
                throw failed(failedCall == nil ? .internalError : .connectorFailed, message)
            }
        }
    }

    private func failed(_ code: ErrorCode, _ message: String) -> APIError {
        var error = APIError(code, message)
        error.step = failedCall.map { [$0.connector, $0.action].compactMap { $0 }.joined(separator: ".") } ?? run.failure?.location
        error.execution = started.run
        error.headers = [("x-fastn-execution-id", started.run.description)]
        return error
    }

    /// The connector's call that the run ended with: its error is the run's own, so nobody caught it.
    private var failedCall: RunCall? {
        guard let failure = run.failure else { return nil }
        return run.calls.values.first { entry in
            guard entry.call.connector != nil, case .error(let error) = entry.result?.outcome else { return false }
            return error.message == failure.message
        }?.call
    }
}
