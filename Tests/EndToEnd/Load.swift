import ProcessTestKit
import ServerTestKit
import Synchronization

/// Senders that deliver one webhook after another, each until it is accepted, and a ledger of what was.
final class Load: Sendable {
    private static let senders = 4

    private let server: @Sendable () async -> Server
    private let webhook: Webhook
    private let path: String
    private let deliveries = Counter()
    private let isOver = Atomic<Bool>(false)
    private let ledger = Mutex<[String: String]>([:])

    /// `server` is the one that runs just now.
    init(webhook: Webhook, server: @escaping @Sendable () async -> Server) {
        self.server = server
        self.webhook = webhook
        // The server's port is another one after each start.
        path = "/" + webhook.url.split(separator: "/").dropFirst(2).joined(separator: "/")
    }

    /// The event ids of all accepted deliveries.
    var accepted: [String: String] { ledger.withLock { $0 } }

    /// Sends as long as `body` works, and then until what was begun is accepted.
    func run(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.senders { group.addTask { try await self.send() } }
            defer { isOver.store(true, ordering: .relaxed) }
            do { try await body() } catch {
                group.cancelAll()
                throw error
            }
            isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
    }

    private func send() async throws {
        while !isOver.load(ordering: .relaxed) {
            let delivery = "delivery-\(deliveries.next())"
            let event = try await value("the acceptance of \(delivery)", within: .seconds(180)) { try await attempt(delivery) }
            ledger.withLock { $0[delivery] = event }
        }
    }

    /// The event's id; nil when the server is down, or was killed before it could answer, as senders meet it.
    private func attempt(_ delivery: String) async throws -> String? {
        let server = await server()
        let body = Array(#"{"delivery":"\#(delivery)"}"#.utf8)
        let target = Webhook(url: server.baseURL + path, id: webhook.id, scheme: webhook.scheme, secret: webhook.secret)
        let answer: APIClient.Answer
        // No answer is what the test is about; it is sent again.
        do { answer = try await target.deliver(body, delivery: delivery, by: server.api) } catch { return nil }
        guard answer.status != 503 else { return nil }
        guard answer.status == 202 else { throw KitError("a delivery was answered with \(answer.status): \(answer.text)") }
        return try answer.string("eventId")
    }
}
