import DriverThreads

/// Sends HTTP requests over libcurl: one thread owns all connections, callers await their responses.
///
/// HTTP/1.1 and HTTP/2, TLS 1.2 or newer with certificates checked, compressed responses decoded, connections reused. No
/// redirects, cookies, `.netrc` or proxies from the environment: what is asked for is what is sent.
package final class HTTPClient: Sendable {
    private let configuration: Configuration
    private let multi: MultiHandle
    private let inbox: TransferInbox

    /// Makes a client; nothing is sent before ``run()``.
    package init(configuration: Configuration) {
        self.configuration = configuration
        multi = MultiHandle(maximumIdleConnections: configuration.maximumIdleConnections)
        inbox = TransferInbox(capacity: configuration.maximumConcurrentTransfers + configuration.maximumWaitingTransfers)
    }

    /// Works until ``shutDown()`` or the cancellation of the task; exchanges under way may end first, for the drain timeout.
    ///
    /// Runs once: a second call returns when it finds the client ended. Throws if the system has no thread left.
    package func run() async throws {
        let loop = TransferLoop.Parts(configuration: configuration, multi: multi, inbox: inbox)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
                do throws(ThreadStartError) {
                    try DedicatedThread.start(name: "http-client") {
                        TransferLoop(loop).run()
                        ended.resume()
                    }
                } catch {
                    inbox.close().forEach { $0.finish(.failure(HTTPClientError(.shutDown))) }
                    ended.resume(throwing: error)
                }
            }
        } onCancel: {
            shutDown()
        }
    }

    /// Takes no more requests and lets ``run()`` return once those under way have ended.
    package func shutDown() {
        inbox.drain()
        multi.wakeUp()
    }

    /// Sends `request` and returns its response, whatever the status.
    ///
    /// Cancelling the task aborts the exchange and closes its connection. Before ``run()`` a request waits for it.
    package func send(_ request: OutboundRequest) async throws(HTTPClientError) -> OutboundResponse {
        try request.validate()
        let id = inbox.makeID()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(Submission(id: id, request: request, deadline: .now + request.timeout, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
        return try outcome.get()
    }

    private func submit(_ submission: Submission) {
        do throws(HTTPClientError) {
            try inbox.submit(submission)
        } catch {
            submission.finish(.failure(error))
            return
        }
        multi.wakeUp()
        // The handler may have run before the submission was there to be found.
        if Task.isCancelled { cancel(submission.id) }
    }

    private func cancel(_ id: TransferID) {
        inbox.cancel(id)
        multi.wakeUp()
    }
}
