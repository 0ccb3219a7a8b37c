import CLinux
import Glibc

/// A named POSIX thread for work that blocks, so that Swift's cooperative pool (two threads per priority) never does.
///
/// The thread is detached: it ends when its body returns, and whoever needs to know that says so in the body.
package enum DedicatedThread {
    /// Stack of one thread. C libraries below keep their buffers on the heap; 512 KiB is an eighth of the default.
    private static let stackBytes = 512 * 1024

    /// Starts `body` on a new thread. Costs about 20 microseconds.
    ///
    /// - Parameter name: what `ps -L` and a debugger show; the kernel keeps the first 15 bytes.
    /// - Throws: `ThreadStartError` when the process or the machine has no thread left.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadStartError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var thread = pthread_t()
        let code = pthread_create(&thread, &attributes, runThreadBody, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw ThreadStartError(errorNumber: code)
        }
    }

    /// Runs `body` on a thread of its own and answers with its result; the caller's task is suspended, not its thread.
    ///
    /// Cancellation does not reach `body`. Throws `refusal` of the error when the system has no thread left: for loops and whatever else
    /// takes long, which would take a thread of the cooperative pool from everybody.
    package static func run<Result: Sendable, Failure: Error>(
        name: String, refusal: (ThreadStartError) -> Failure, _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Swift.Result<Result, Failure>, Never>) in
            do throws(ThreadStartError) {
                try start(name: name) { continuation.resume(returning: attempt(body)) }
            } catch {
                continuation.resume(returning: .failure(refusal(error)))
            }
        }
        return try outcome.get()
    }

    /// Runs `body` on a thread of its own, or in place if there is none, and answers with its result.
    ///
    /// Cancellation does not reach `body`: it runs to its end, which makes this fit for shutting things down.
    package static func run<Result: Sendable, Failure: Error>(
        name: String, _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Swift.Result<Result, Failure>, Never>) in
            let work: @Sendable () -> Void = { continuation.resume(returning: attempt(body)) }
            do throws(ThreadStartError) {
                try start(name: name, work)
            } catch {
                // Without a thread the work is done here: slow for the others, but shutting down must not depend on a free thread.
                work()
            }
        }
        return try outcome.get()
    }

    private static func attempt<Result, Failure: Error>(_ body: () throws(Failure) -> Result) -> Swift.Result<Result, Failure> {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
}

/// The system refused a new thread.
package struct ThreadStartError: Error, CustomStringConvertible {
    /// The number `pthread_create` answered, mostly EAGAIN.
    package let errorNumber: Int32

    package var description: String { "the system refused a new thread (error \(errorNumber)): raise the limit on processes (ulimit -u)" }
}

/// What a new thread is given: its name and its work.
private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// A free function, because a closure would inherit the isolation of the place that mentions it and trap on this thread.
private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    linux_set_thread_name(String(body.name.prefix(15)))
    body.run()
    return nil
}
