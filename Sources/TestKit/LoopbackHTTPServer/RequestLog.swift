import Synchronization

/// What a test server has seen; tests wait for it instead of sleeping.
final class RequestLog: Sendable {
    struct Record: Sendable {
        var requests: [ReceivedRequest] = []
        var connectionCount = 0
        var disconnects = 0
    }

    private struct State {
        var record = Record()
        var waiters: [(condition: @Sendable (Record) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var requests: [ReceivedRequest] { state.withLock { $0.record.requests } }
    var connectionCount: Int { state.withLock { $0.record.connectionCount } }

    func connected() { change { $0.connectionCount += 1 } }
    func received(_ request: ReceivedRequest) { change { $0.requests.append(request) } }
    func disconnected() { change { $0.disconnects += 1 } }

    func until(_ condition: @escaping @Sendable (Record) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMet = state.withLock { state in
                if condition(state.record) { return true }
                state.waiters.append((condition, continuation))
                return false
            }
            if isMet { continuation.resume() }
        }
    }

    private func change(_ body: (inout Record) -> Void) {
        let ready = state.withLock { state in
            body(&state.record)
            let record = state.record
            let ready = state.waiters.filter { $0.condition(record) }.map(\.continuation)
            state.waiters.removeAll { $0.condition(record) }
            return ready
        }
        ready.forEach { $0.resume() }
    }
}
