import DriverThreads
import Synchronization

/// One connection that tasks share in turn: a caller sends on its own thread, the poller's thread reads the answer and resumes it.
///
/// One lock guards everything; it is held for calls of libpq that never wait, and continuations are resumed after it is released.
final class PostgresConnection: Sendable {
    /// What to run: statements in one trip and, unless one of them says `begin`, in one transaction; or a script.
    enum Work: Sendable {
        case statements([EncodedStatement])
        case script(String)
    }

    /// A finished operation, to be resumed once the lock is released.
    private struct Completion: Sendable {
        let continuation: CheckedContinuation<PipelineOperation.Outcome, Never>
        let outcome: PipelineOperation.Outcome

        func resume() { continuation.resume(returning: outcome) }
    }

    private struct State {
        var handle: ConnectionHandle?
        var statements = StatementCache()
        var operation: PipelineOperation?
        var issuedTicket: UInt64 = 0
        var startedTicket: UInt64 = 0
        var cancelledTicket: UInt64?
        var hasCancelRequestOnItsWay = false
        var isWaitingToWrite = false
        var isInsideTransaction = false
        var isBroken = false
    }

    /// Distinguishes connections for ever, unlike the descriptor of a socket.
    let id: UInt64

    private let poller: PostgresPoller
    private let canceller: SerialThread
    private let state: Mutex<State>

    /// Takes over a connection that nothing runs on, and has it watched.
    init(id: UInt64, handle: sending ConnectionHandle, poller: PostgresPoller, canceller: SerialThread) {
        self.id = id
        self.poller = poller
        self.canceller = canceller
        let socket = handle.socket
        let isUsable = handle.startPipelining()
        state = Mutex(State(handle: handle, isBroken: !isUsable))
        if isUsable { poller.watch(self, socket: socket) }
    }

    /// Whether the next caller can have it: it stands, nothing runs, and no transaction was left open.
    var isReusable: Bool {
        state.withLock { state in
            guard let handle = state.handle else { return false }
            return !state.isBroken && !handle.isBad && state.operation == nil && handle.isOutsideTransaction
        }
    }

    /// Whether the server has not closed it in the meantime; asks the socket, about 1 µs.
    var isStanding: Bool {
        state.withLock { $0.handle?.isQuiet() ?? false }
    }

    /// Whether the server holds a transaction open here.
    var hasOpenTransaction: Bool {
        state.withLock { $0.handle?.isOutsideTransaction == false }
    }

    /// Sends the work and answers when the server is ready again. One caller at a time; a second one gets `.invalidUse`.
    ///
    /// A cancelled task asks the server to end the work and still waits for its answer, so that the connection stays in step; work that is not
    /// cancellable runs to its end. With `insideTransaction` a lost connection means that nothing was committed.
    func perform(_ work: Work, insideTransaction: Bool = false, isCancellable: Bool = true) async -> PipelineOperation.Outcome {
        let ticket = state.withLock { state in
            state.issuedTicket += 1
            return state.issuedTicket
        }
        guard isCancellable else {
            return await withCheckedContinuation { start(work, ticket, insideTransaction, $0) }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { start(work, ticket, insideTransaction, $0) }
        } onCancel: {
            cancel(ticket)
        }
    }

    /// Ends what runs here as lost and frees the connection.
    func close() {
        let completion = state.withLock { state -> Completion? in
            Self.stopWatching(&state, id, poller)
            state.isBroken = true
            state.operation?.fail(isInsideTransaction: state.isInsideTransaction, serverText: nil)
            state.handle = nil
            // A request on its way has its own memory, and no later statement it could hit.
            state.hasCancelRequestOnItsWay = false
            return Self.takeCompletion(&state)
        }
        completion?.resume()
    }

    private static func stopWatching(_ state: inout State, _ id: UInt64, _ poller: PostgresPoller) {
        guard let handle = state.handle, !state.isBroken else { return }
        poller.ignore(id, socket: handle.socket)
    }

    private static func takeCompletion(_ state: inout State) -> Completion? {
        guard let operation = state.operation, let outcome = operation.outcome, !state.hasCancelRequestOnItsWay else { return nil }
        state.operation = nil
        return Completion(continuation: operation.continuation, outcome: outcome)
    }
}

// MARK: - Sending

extension PostgresConnection {
    private func start(
        _ work: Work, _ ticket: UInt64, _ insideTransaction: Bool, _ continuation: CheckedContinuation<PipelineOperation.Outcome, Never>
    ) {
        let completion = state.withLock { state -> Completion? in
            if let refusal = Self.refusal(of: ticket, in: &state) {
                return Completion(continuation: continuation, outcome: .failure(refusal))
            }
            var operation = PipelineOperation(ticket: ticket, isScript: work.isScript, continuation: continuation)
            let isTaken = state.handle.map { Self.send(work, on: $0, &state.statements, recording: &operation.steps) } ?? false
            state.operation = operation
            state.isInsideTransaction = insideTransaction
            if isTaken { flush(&state) } else { breakDown(&state) }
            return Self.takeCompletion(&state)
        }
        completion?.resume()
    }

    /// Why nothing of the work is sent, if so.
    private static func refusal(of ticket: UInt64, in state: inout State) -> PostgresError? {
        guard state.operation == nil else {
            return PostgresError(.invalidUse, reason: "another statement of this transaction is still running")
        }
        state.startedTicket = ticket
        guard state.cancelledTicket != ticket else { return PostgresError(.cancelled) }
        guard !state.isBroken, state.handle != nil else { return PostgresError(.connectionLost(outcomeUnknown: false)) }
        return nil
    }

    private static func send(
        _ work: Work, on handle: ConnectionHandle, _ statements: inout StatementCache, recording steps: inout [PipelineOperation.Step]
    ) -> Bool {
        switch work {
        case .script(let sql):
            return handle.stopPipelining() && handle.sendScript(sql)
        case .statements(let batch):
            for statement in batch {
                guard send(statement, on: handle, &statements, recording: &steps) else { return false }
            }
            return handle.sendSync()
        }
    }

    private static func send(
        _ statement: EncodedStatement, on handle: ConnectionHandle, _ statements: inout StatementCache,
        recording steps: inout [PipelineOperation.Step]
    ) -> Bool {
        let use = statements.use(statement.key)
        if let evicted = use.evicted {
            guard handle.sendDeallocate(name: evicted) else { return false }
            steps.append(.deallocation)
        }
        if use.isNew {
            guard handle.sendPrepare(statement, name: use.name) else { return false }
            steps.append(.preparation(statement.key))
        }
        steps.append(.rows(statement.key))
        return handle.sendExecute(statement, name: use.name)
    }

    private func flush(_ state: inout State) {
        guard let handle = state.handle else { return }
        let result = handle.flush()
        guard result != .failed else { return breakDown(&state) }
        let mustWait = result == .socketIsFull
        guard mustWait != state.isWaitingToWrite else { return }
        state.isWaitingToWrite = mustWait
        poller.setWriting(mustWait, id, socket: handle.socket)
    }
}

// MARK: - Reading, on the poller's thread

extension PostgresConnection {
    /// Reads what has arrived and resumes the caller whose answer is complete; true if the connection broke.
    func socketIsReady() -> Bool {
        let (completion, isBroken) = state.withLock { state in
            guard !state.isBroken, let handle = state.handle else { return (Completion?.none, true) }
            if state.isWaitingToWrite { flush(&state) }
            if handle.consumeInput() { advance(&state, handle) } else { breakDown(&state) }
            return (Self.takeCompletion(&state), state.isBroken)
        }
        completion?.resume()
        return isBroken
    }

    private func advance(_ state: inout State, _ handle: ConnectionHandle) {
        guard state.operation != nil else {
            // Nothing runs: asking whether a result is complete makes libpq take in notices, changed settings and a last word of the server.
            _ = handle.isBusy
            if handle.isBad { breakDown(&state) }
            return
        }
        // `inout` through the optional: the operation stays in place and its arrays are not copied.
        switch state.operation?.collect(from: handle, forgetting: &state.statements) {
        case .finished:
            state.operation?.finish()
            if state.operation?.isScript == true, !handle.startPipelining() { breakDown(&state) }
        case .broken: breakDown(&state)
        case .running, nil: break
        }
    }

    /// Marks the connection as of no more use and fails what runs on it. It is freed by the pool.
    private func breakDown(_ state: inout State) {
        Self.stopWatching(&state, id, poller)
        state.isBroken = true
        guard state.operation?.outcome == nil else { return }
        state.operation?.fail(isInsideTransaction: state.isInsideTransaction, serverText: state.handle?.lastErrorText)
    }
}

// MARK: - Cancelling

extension PostgresConnection {
    private func cancel(_ ticket: UInt64) {
        let request = state.withLock { state -> CancelRequest? in
            guard let operation = state.operation, operation.ticket == ticket else {
                if ticket > state.startedTicket { state.cancelledTicket = ticket }
                return nil
            }
            guard operation.outcome == nil, !state.hasCancelRequestOnItsWay, let request = state.handle?.makeCancelRequest() else { return nil }
            state.operation?.wasCancelled = true
            state.hasCancelRequestOnItsWay = true
            return request
        }
        guard let request else { return }
        let isTaken = canceller.submit {
            request.send()
            self.cancelRequestHasArrived()
        }
        if !isTaken { cancelRequestHasArrived() }
    }

    /// Only now may the caller go on: a request that is still on its way could end the next statement of this connection.
    private func cancelRequestHasArrived() {
        let completion = state.withLock { state in
            state.hasCancelRequestOnItsWay = false
            return Self.takeCompletion(&state)
        }
        completion?.resume()
    }
}

extension PostgresConnection.Work {
    fileprivate var isScript: Bool {
        switch self {
        case .script: true
        case .statements: false
        }
    }
}
