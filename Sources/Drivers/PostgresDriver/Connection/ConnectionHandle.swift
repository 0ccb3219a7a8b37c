import CPostgres
import DriverThreads
import Glibc

/// Owns one libpq connection and frees it exactly once. Source: libpq manual, "PQfinish".
///
/// Not `Sendable`: libpq lets one thread at a time into a connection, so whoever owns this keeps it under a lock or on one thread.
final class ConnectionHandle {
    private let pointer: OpaquePointer

    /// Whether the server has said its last word while nothing ran; the end of the stream may follow much later.
    fileprivate var isDismissed = false

    private init(taking pointer: OpaquePointer) {
        self.pointer = pointer
        // libpq writes notices to standard error unless told otherwise. It calls back inside our own calls alone, so `self` is alive.
        PQsetNoticeReceiver(pointer, takeNotice, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        PQfinish(pointer)
    }

    /// Connects and applies the session's settings. Blocks for a name lookup and up to the connect timeout for each address.
    static func open(_ configuration: PostgresConfiguration) throws(PostgresError) -> sending ConnectionHandle {
        let keywords = configuration.connectionKeywords
        let opened = withCStrings(keywords.map(\.keyword)) { names in
            withCStrings(keywords.map(\.value)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let opened else { throw PostgresError(.connectionFailed, reason: "out of memory") }
        let handle = ConnectionHandle(taking: opened)
        guard !handle.isBad else { throw PostgresError(.connectionFailed, serverText: handle.lastErrorText) }
        try handle.apply(configuration.sessionSettings)
        return handle
    }

    private func apply(_ settings: [(name: String, value: String)]) throws(PostgresError) {
        guard !settings.isEmpty else { return }
        do {
            _ = try executeOnce(EncodedStatement.settings(settings, isLocal: false))
        } catch {
            throw error.recoded(.connectionFailed)
        }
    }

    var isBad: Bool { isDismissed || PQstatus(pointer) != CONNECTION_OK }
    var socket: Int32 { PQsocket(pointer) }
    var isOutsideTransaction: Bool { PQtransactionStatus(pointer) == PQTRANS_IDLE }

    /// What libpq last complained of; may hold values.
    var lastErrorText: String? { PQerrorMessage(pointer).map { String(cString: $0) } }

    /// Something that can ask the server, over a connection of its own, to end what runs here; nil if out of memory.
    func makeCancelRequest() -> CancelRequest? {
        PQgetCancel(pointer).map(CancelRequest.init(taking:))
    }
}

/// The calls that wait for the server; for connections that live on one thread.
extension ConnectionHandle {
    func prepare(_ statement: EncodedStatement, name: String) throws(PostgresError) {
        let result = PQprepare(pointer, name, statement.sql, Int32(statement.types.count), statement.types)
        _ = try outcome(result)
    }

    /// Runs a prepared statement; returns when the server is ready for the next, so what it committed is committed.
    func execute(_ statement: EncodedStatement, name: String) throws(PostgresError) -> PostgresRows {
        let result = statement.withPointers { values, lengths, formats in
            PQexecPrepared(pointer, name, Int32(values.count), values, lengths, formats, Self.binary)
        }
        return try outcome(result)
    }

    /// Runs a statement without keeping it prepared.
    func executeOnce(_ statement: EncodedStatement) throws(PostgresError) -> PostgresRows {
        let result = statement.withPointers { values, lengths, formats in
            PQexecParams(pointer, statement.sql, Int32(values.count), statement.types, values, lengths, formats, Self.binary)
        }
        return try outcome(result)
    }

    /// Runs many statements in one message; they are one transaction unless the text says otherwise.
    func executeScript(_ sql: String) throws(PostgresError) {
        _ = try outcome(PQexec(pointer, sql))
    }

    private func outcome(_ result: OpaquePointer?) throws(PostgresError) -> PostgresRows {
        let outcome = result.map { ResultHandle(taking: $0).outcome }
        // A broken connection comes before what the server said last: without its "ready" nobody knows what was committed.
        guard !isBad, let outcome else { throw PostgresError(.connectionLost(outcomeUnknown: true), serverText: lastErrorText) }
        return try outcome.get()
    }
}

/// The calls that never wait; for connections that a poller watches.
///
/// Each answers whether libpq took the order; if not, the connection is of no more use.
extension ConnectionHandle {
    private static let binary: Int32 = 1

    /// Makes the connection non-blocking and lets several statements share one trip. Source: libpq manual, "Pipeline Mode".
    func startPipelining() -> Bool {
        PQsetnonblocking(pointer, 1) == 0 && PQenterPipelineMode(pointer) == 1
    }

    /// Leaves pipeline mode, in which a script of many statements is refused.
    func stopPipelining() -> Bool { PQexitPipelineMode(pointer) == 1 }

    func sendPrepare(_ statement: EncodedStatement, name: String) -> Bool {
        PQsendPrepare(pointer, name, statement.sql, Int32(statement.types.count), statement.types) == 1
    }

    func sendExecute(_ statement: EncodedStatement, name: String) -> Bool {
        statement.withPointers { values, lengths, formats in
            PQsendQueryPrepared(pointer, name, Int32(values.count), values, lengths, formats, Self.binary) == 1
        }
    }

    func sendDeallocate(name: String) -> Bool {
        PQsendQueryParams(pointer, "deallocate \(name)", 0, nil, nil, nil, nil, Self.binary) == 1
    }

    func sendScript(_ sql: String) -> Bool { PQsendQuery(pointer, sql) == 1 }

    /// Ends the batch: the server commits, or not, and answers with a synchronisation point.
    func sendSync() -> Bool { PQpipelineSync(pointer) == 1 }

    /// Hands libpq's buffer to the kernel.
    func flush() -> Flush {
        switch PQflush(pointer) {
        case 0: .done
        case 1: .socketIsFull
        default: .failed
        }
    }

    /// What became of a flush.
    enum Flush {
        case done, socketIsFull, failed
    }

    /// Reads what has arrived; false if the connection broke.
    func consumeInput() -> Bool { PQconsumeInput(pointer) == 1 }

    /// Whether the next result is not complete yet.
    var isBusy: Bool { PQisBusy(pointer) == 1 }

    /// The next result, nil at the end of those of one statement. Waits if `isBusy`.
    func nextResult() -> ResultHandle? { PQgetResult(pointer).map(ResultHandle.init(taking:)) }

    /// Whether an idle connection still stands, looked up in the socket itself: a server that stopped has said so there.
    func isQuiet() -> Bool {
        // The server sends little on its own (a changed setting, a last word); more than this is no idle connection.
        let unsolicitedReadLimit = 8
        for _ in 0..<unsolicitedReadLimit {
            guard !isBad else { return false }
            var byte: UInt8 = 0
            let count = recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            guard count > 0, consumeInput() else { return false }
            _ = isBusy
        }
        return false
    }
}

/// Asks the server to end the statement of one connection. Source: libpq manual, "PQcancel".
///
/// `@unchecked Sendable`: the structure is complete when made, is not changed, and libpq lets any thread use it.
final class CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(taking pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Blocks for a connection to the server and back. Whether it had any effect shows in the statement's own answer.
    func send() {
        let messageCapacity = 256
        var message = [CChar](repeating: 0, count: messageCapacity)
        _ = PQcancel(pointer, &message, Int32(messageCapacity))
    }
}

/// Drops notices, except that of a server which ends the connection. A free function, as libpq calls it on whatever thread reads the connection.
private func takeNotice(_ handle: UnsafeMutableRawPointer?, _ notice: OpaquePointer?) {
    guard let handle, let severity = PQresultErrorField(notice, postgres_field_severity) else { return }
    guard ["FATAL", "PANIC"].contains(String(cString: severity)) else { return }
    Unmanaged<ConnectionHandle>.fromOpaque(handle).takeUnretainedValue().isDismissed = true
}
