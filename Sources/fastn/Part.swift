import ServiceLifecycle

/// A component as a service: how it runs, and how it is asked to end.
struct Part: Service {
    /// How a component ends when the server shuts down.
    enum Ending: Sendable {
        /// Its task is cancelled.
        case cancellation
        /// It is asked to, and returns when it has finished what it began.
        case request(@Sendable () -> Void)
        /// It consists of parts that end by themselves when the shutdown begins.
        case shutdown
    }

    let name: String
    let ending: Ending
    let body: @Sendable () async throws -> Void

    init(_ name: String, ending: Ending = .cancellation, _ body: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.ending = ending
        self.body = body
    }

    func run() async throws {
        let body = body
        switch ending {
        case .cancellation:
            // Ending by cancellation is how these parts return; it is no failure of theirs.
            do { try await cancelWhenGracefulShutdown { try await body() } } catch is CancellationError {}
        case .request(let ask):
            try await withGracefulShutdownHandler { try await body() } onGracefulShutdown: { ask() }
        case .shutdown: try await body()
        }
    }
}

/// Returns when the task is cancelled.
func waitForCancellation() async {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    await withTaskCancellationHandler {
        for await _ in stream {}
    } onCancel: {
        continuation.finish()
    }
}
