import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Vocabulary

/// One request on its connection, from its head to its answer.
struct Exchange: ~Copyable {
    private let request: Request
    private let writer: ResponseWriter
    private let channel: any Channel
    private let limits: HTTPServerConfiguration
    private let started = ContinuousClock.now
    private var parts: RequestBody.AsyncIterator
    /// What the head says: a length, or nil when the body comes in chunks or there is none.
    private let announcedBytes: Int?
    private var hasUnreadBody: Bool

    init(request: Request, writer: consuming ResponseWriter, channel: any Channel, limits: HTTPServerConfiguration) {
        self.request = request
        self.writer = writer
        self.channel = channel
        self.limits = limits
        parts = request.body.makeAsyncIterator()
        announcedBytes = request.headers[.contentLength].flatMap { Int($0) }
        hasUnreadBody = (announcedBytes ?? 0) > 0 || request.headers[.transferEncoding] != nil
    }

    /// Answers the request. Throws only when the connection is gone.
    @concurrent consuming func serve(_ api: API, logger: Logger) async throws {
        let head = api.head(
            method: request.method.rawValue, path: request.uri.path, query: request.uri.query,
            headers: RequestHeaders(request.headers.map { (name: $0.name.canonicalName, value: $0.value) }), remote: channel.remoteAddress?.ipAddress)
        let answer = await api.respond(to: head, body: &self)
        logger.info(
            "request",
            metadata: [
                "method": "\(head.method)", "route": "\(answer.route)", "status": "\(answer.response.status)", "request": "\(head.requestID)",
                "ms": "\((ContinuousClock.now - started).milliseconds)",
            ])
        try await write(answer.response, to: head)
    }

    /// The whole body, at most as long as the server takes.
    ///
    /// Throws `APIError`: 413 before more than that is in memory, 408 when it drips. There is no timer: a body that stalls is cut by the
    /// connection's idle timeout, and one that drips is looked at with every drop.
    @concurrent mutating func readBody() async throws(APIError) -> [UInt8] {
        guard hasUnreadBody else { return [] }
        guard (announcedBytes ?? 0) <= limits.maximumBodyBytes else { throw tooLarge }
        var body: [UInt8] = []
        body.reserveCapacity(announcedBytes ?? 0)
        do {
            // Callers that wait for it (curl does with long bodies) lose a second when it never comes. Source: RFC 9110 section 10.1.1.
            if request.headers[.expect]?.lowercased() == "100-continue" { try await writer.writeInformationalHead(HTTPResponse(status: .continue)) }
            while let part = try await parts.next() {
                guard body.count + part.readableBytes <= limits.maximumBodyBytes else { throw tooLarge }
                body.append(contentsOf: part.readableBytesView)
                guard ContinuousClock.now - started <= limits.deadline(forBytes: body.count) else {
                    throw APIError(.timedOut, "the request's body arrives too slowly")
                }
            }
        } catch let error as APIError { throw error } catch { throw truncated }
        hasUnreadBody = false
        guard announcedBytes.map({ $0 == body.count }) ?? true else { throw truncated }
        return body
    }

    private var tooLarge: APIError { APIError(.payloadTooLarge, "the body is larger than \(limits.maximumBodyBytes) bytes") }
    private var truncated: APIError { APIError(.validationFailed, "the connection ended before the body did") }

    @concurrent private consuming func write(_ response: APIResponse, to head: RequestHead) async throws {
        var fields = HTTPFields()
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        fields[.date] = HTTPDate.now()
        if hasUnreadBody { fields[.connection] = "close" }
        if response.status != 204, response.stream == nil { fields[.contentLength] = String(response.body.count) }
        let message = HTTPResponse(status: HTTPResponse.Status(code: response.status), headerFields: fields)
        if let stream = response.stream, head.method != "HEAD" {
            var body = try await writer.writeHead(message)
            try await stream { try await body.write(ByteBuffer(bytes: $0)) }
            try await body.finish(nil)
        } else if head.method == "HEAD" || response.body.isEmpty {
            try await writer.write(response: message, body: ResponseBody())
        } else {
            try await writer.write(response: message, body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body)))
        }
        if hasUnreadBody { await Self.discard(parts, of: channel, limits) }
    }

    /// Says that nothing follows and reads on for a moment: closing at once would reset the connection and lose the answer on its way.
    @concurrent private static func discard(_ rest: RequestBody.AsyncIterator, of channel: any Channel, _ limits: HTTPServerConfiguration) async {
        var (parts, seen) = (rest, 0)
        channel.close(mode: .output, promise: nil)
        let closing = channel.eventLoop.scheduleTask(in: .milliseconds(limits.discardDeadline.milliseconds)) { channel.close(promise: nil) }
        // An error here means that the caller closed first, which is as good.
        while seen < limits.discardedBytes, let part = try? await parts.next() { seen += part.readableBytes }
        closing.cancel()
        channel.close(promise: nil)
    }
}
