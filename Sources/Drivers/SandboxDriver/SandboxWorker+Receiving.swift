import Glibc
import SandboxProtocol
import Synchronization

/// The half of a worker that only the supervisor's thread uses.
extension SandboxWorker {
    /// What one read brought.
    struct Received: Sendable {
        var queue: MessageQueue?
        var messages: [(SandboxMessage, byteCount: Int)] = []
        /// The last message of the run; the worker is free again.
        var outcome: SandboxMessage?
        var violation: String?
    }

    /// The descriptor and the events to wait for; nil when there is nothing to wait for.
    var interest: pollfd? {
        state.withLock { state in
            guard state.descriptor >= 0 else { return nil }
            let reads = state.run?.queue.isFull != true
            let writes = !state.outgoing.isEmpty && !state.isDoomed
            return pollfd(fd: state.descriptor, events: Int16((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), revents: 0)
        }
    }

    /// Killed or closed, but not reaped.
    var isEnding: Bool {
        state.withLock { $0.isDoomed || ($0.process > 0 && $0.descriptor < 0) }
    }

    /// The number of the run whose time is over.
    func overdueRun(at now: ContinuousClock.Instant) -> UInt32? {
        state.withLock { state in
            guard let run = state.run, run.deadline <= now else { return nil }
            return run.number
        }
    }

    /// Writes what waits.
    func flushOutgoing() {
        state.withLock { Self.flush(&$0) }
    }

    /// Reads once and judges what came.
    func receive(into chunk: inout [UInt8]) -> Received {
        state.withLock { state in
            var received = Received()
            guard state.descriptor >= 0 else { return received }
            let count = recv(state.descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count < 0 && (errno == EAGAIN || errno == EINTR) { return received }
            guard count > 0 else {
                // An honest worker is ending by itself, which a signal cannot change any more; one that only closed its socket must not live on.
                if state.process > 0 { kill(state.process, SIGKILL) }
                close(state.descriptor)
                state.descriptor = -1
                return received
            }
            // What a killed worker still had in its socket is nobody's.
            guard !state.isDoomed else { return received }
            state.decoder.append(chunk[..<count])
            Self.judge(&state, into: &received)
            return received
        }
    }

    private static func judge(_ state: inout State, into received: inout Received) {
        do {
            while let frame = try state.decoder.next() {
                if frame.kind == .ready && frame.run == 0 { continue }
                guard state.run?.number == frame.run, let queue = state.run?.queue else {
                    throw RunLedger.Violation(reason: "frame of another run")
                }
                received.queue = queue
                if frame.kind == .limit {
                    state.run?.backtrace = String(decoding: frame.payload, as: UTF8.self)
                    continue
                }
                guard let message = try state.run?.ledger.accept(frame) else { continue }
                switch message {
                case .completed, .failed, .ended:
                    received.outcome = message
                    state.run = nil
                case .call, .log, .turnOver: received.messages.append((message, byteCount: frame.payload.count + SandboxFrame.headerByteCount))
                }
            }
        } catch let error as SandboxFrameError {
            received.violation = error.description
        } catch let violation as RunLedger.Violation {
            received.violation = violation.reason
        } catch {
            received.violation = "unreadable"
        }
    }

    /// Whether the process is gone; then it is reaped, and a run that it was busy with has its cause.
    func reap() -> Bool {
        let (isGone, run, exit): (Bool, ActiveRun?, ProcessExit?) = state.withLock { state in
            guard state.process > 0 else { return (state.isDoomed, nil, nil) }
            guard let exit = ProcessExit(of: state.process) else { return (false, nil, nil) }
            state.process = 0
            state.isDoomed = true
            if state.descriptor >= 0 { close(state.descriptor) }
            state.descriptor = -1
            defer { state.run = nil }
            return (true, state.run, exit)
        }
        if let run, let exit { run.queue.end(with: .ended(Self.cause(of: exit, run: run, script: state.withLock { $0.loadedScript }))) }
        return isGone
    }

    private static func cause(of exit: ProcessExit, run: ActiveRun, script: SandboxScript?) -> SandboxEnd {
        switch exit {
        case .status(SandboxExitStatus.cpu):
            guard let backtrace = run.backtrace, let script else { return .cpuLimit(nil) }
            return .cpuLimit(StackTrace(script: script).location(inBacktrace: backtrace))
        case .status(SandboxExitStatus.memory): return .memoryLimit
        case .status(SandboxExitStatus.refused): return .protocolError("the worker could not lock itself in")
        case .status(let status): return .protocolError("the worker ended with status \(status)")
        case .signal(SIGSYS): return .breach
        case .signal(let signal): return .killed(signal: signal)
        }
    }
}
