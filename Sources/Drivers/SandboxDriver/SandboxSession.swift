import SandboxProtocol
import Synchronization

/// One run, as its host follows it: read the messages, answer the calls. Letting go of it ends the run.
package final class SandboxSession: Sendable {
    private let run: UInt32
    private let worker: SandboxWorker
    private let queue: MessageQueue
    private let script: SandboxScript
    private let supervisor: WorkerSupervisor
    /// Parsed when first needed: most runs show no stack.
    private let stackTrace = Mutex<StackTrace?>(nil)

    init(run: UInt32, worker: SandboxWorker, queue: MessageQueue, script: SandboxScript, supervisor: WorkerSupervisor) {
        self.run = run
        self.worker = worker
        self.queue = queue
        self.script = script
        self.supervisor = supervisor
    }

    deinit {
        worker.terminate(run: run, .cancelled)
    }

    /// The process that runs the script; nil before it is started and after its end. For diagnosis.
    package var processIdentifier: Int32? {
        worker.state.withLock { $0.process > 0 ? $0.process : nil }
    }

    /// The next message in order; nil after `completed`, `failed` or `ended`. One task at a time.
    ///
    /// Cancelling the task ends the run, and the last message says so. Throws when the pool stops or the process could not be started.
    package func next() async throws(SandboxError) -> SandboxMessage? {
        let wasFull = queue.isFull
        let result = await withTaskCancellationHandler {
            await queue.next()
        } onCancel: {
            worker.terminate(run: run, .cancelled)
        }
        if wasFull && !queue.isFull { supervisor.lookAgain() }
        switch try result.get() {
        case .failed(let failure): return .failed(withStackTrace { $0.mapping(failure) })
        case .log(let level, let text) where text.contains("@fastn:"): return .log(level, withStackTrace { $0.mapping(text) })
        case let message: return message
        }
    }

    /// Answers a call with a JSON value. One turn of the script follows for each answer, in the order of the answers.
    ///
    /// Never blocks; an answer to a run that is over is dropped.
    /// - Parameter nowMilliseconds: The script's clock from here on, in milliseconds since 1970; it never goes back.
    package func answer(_ id: UInt32, valueJSON: [UInt8], nowMilliseconds: Int64) {
        send(.value, id: id, payload: Array("{\"v\":".utf8) + valueJSON + Array(",\"t\":\(nowMilliseconds)}".utf8))
    }

    /// Lets a call fail: the script sees an error with this name, message and code, and the stack of its call.
    package func reject(_ id: UInt32, name: String, message: String, codeJSON: [UInt8] = Array("null".utf8), nowMilliseconds: Int64) {
        let payload =
            Array("{\"name\":".utf8) + JSONText.literal(name) + Array(",\"message\":".utf8) + JSONText.literal(message) + Array(",\"code\":".utf8)
            + codeJSON + Array(",\"t\":\(nowMilliseconds)}".utf8)
        send(.error, id: id, payload: payload)
    }

    /// Ends the run at once by killing its process; what it said before can still be read, then `ended` with this reason.
    package func terminate(_ reason: SandboxEnd) {
        worker.terminate(run: run, reason)
        supervisor.lookAgain()
    }

    private func send(_ kind: SandboxFrame.Kind, id: UInt32, payload: [UInt8]) {
        guard payload.count <= SandboxLimits.payloadBytes else {
            return reject(id, name: "RangeError", message: "the answer is larger than \(SandboxLimits.payloadBytes) bytes", nowMilliseconds: 0)
        }
        if worker.answer(SandboxFrame(kind, run: run, id: id, payload: payload)) { supervisor.lookAgain() }
    }

    private func withStackTrace<Value>(_ body: (StackTrace) -> Value) -> Value {
        let trace = stackTrace.withLock { trace in
            let ready = trace ?? StackTrace(script: script)
            trace = ready
            return ready
        }
        return body(trace)
    }
}
