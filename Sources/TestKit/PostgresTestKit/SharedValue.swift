import DriverThreads
import Synchronization

/// A value that is made once, on a thread of its own, for whoever asks first, and that everybody else waits for.
final class SharedValue<Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Result<Value, any Error>, Never>

    private enum State {
        case untouched
        case making(waiters: [Waiter])
        case made(Result<Value, any Error>)
    }

    private let state = Mutex(State.untouched)

    /// The value, or the error that making it ended with; `make` may block and is called once.
    func value(_ make: @escaping @Sendable () throws -> Value) async throws -> Value {
        let result = await withCheckedContinuation { waiter in
            if let made = join(waiter, make) { waiter.resume(returning: made) }
        }
        return try result.get()
    }

    private func join(_ waiter: Waiter, _ make: @escaping @Sendable () throws -> Value) -> Result<Value, any Error>? {
        let (made, isFirst) = state.withLock { state -> (Result<Value, any Error>?, Bool) in
            switch state {
            case .untouched:
                state = .making(waiters: [waiter])
                return (nil, true)
            case .making(let waiters):
                state = .making(waiters: waiters + [waiter])
                return (nil, false)
            case .made(let result): return (result, false)
            }
        }
        if isFirst { start(make) }
        return made
    }

    private func start(_ make: @escaping @Sendable () throws -> Value) {
        do {
            try DedicatedThread.start(name: "pg-test-make") { self.finish(Result(catching: make)) }
        } catch {
            finish(.failure(error))
        }
    }

    private func finish(_ result: Result<Value, any Error>) {
        let waiters = state.withLock { state -> [Waiter] in
            guard case .making(let waiters) = state else { return [] }
            state = .made(result)
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }
}
