import CNATS
import DriverThreads

/// Makes the library's connection; blocks, so it runs on the control thread.
struct ConnectionOptions: Sendable {
    /// A peer that does not answer two of these pings is gone. 10 s each: a pulled cable is noticed within half a minute.
    private static let pingIntervalMilliseconds: Int64 = 10_000
    private static let pingsUnanswered: Int32 = 2
    /// The longest one write may wait for a full socket before the connection counts as dead.
    private static let writeDeadlineMilliseconds: Int64 = 2_000
    /// What is published while the connection is away waits here, in bytes; beyond it a publish fails.
    private static let reconnectBufferBytes: Int32 = 8 * 1024 * 1024

    let configuration: NATSConnection.Configuration

    func connect(status: ConnectionStatus, window: PublishWindow) throws(NATSError) -> ConnectionHandle {
        let operation = "connecting"
        var options: OpaquePointer?
        try LibraryStatus.check(natsOptions_Create(&options), during: operation)
        defer { natsOptions_Destroy(options) }
        // Held by the callbacks until the closed callback, which comes once for every connection that was made.
        let context = Unmanaged.passRetained(status)
        var connection: OpaquePointer?
        do throws(NATSError) {
            for result in apply(to: options, context: context.toOpaque()) { try LibraryStatus.check(result, during: operation) }
            try LibraryStatus.check(natsConnection_Connect(&connection, options), during: operation)
        } catch {
            context.release()
            throw error
        }
        guard let connection else { throw NATSError(.notConnected, during: operation) }
        var jetStream: OpaquePointer?
        let created = makeJetStream(&jetStream, connection, window)
        guard created == NATS_OK, let jetStream else {
            natsConnection_Destroy(connection)
            throw LibraryStatus.error(created, during: operation)
        }
        return ConnectionHandle(taking: connection, jetStream: jetStream)
    }

    private func apply(to options: OpaquePointer?, context: UnsafeMutableRawPointer) -> [natsStatus] {
        [
            natsOptions_SetURL(options, configuration.url),
            natsOptions_SetName(options, configuration.name),
            // Without it every write waits for the library's flusher thread: a millisecond a request.
            natsOptions_SetSendAsap(options, true),
            natsOptions_SetAllowReconnect(options, true),
            natsOptions_SetMaxReconnect(options, -1),
            natsOptions_SetReconnectWait(options, configuration.reconnectDelay.wholeMilliseconds),
            natsOptions_SetReconnectJitter(options, configuration.reconnectDelay.wholeMilliseconds, 1000),
            natsOptions_SetReconnectBufSize(options, Self.reconnectBufferBytes),
            natsOptions_SetPingInterval(options, Self.pingIntervalMilliseconds),
            natsOptions_SetMaxPingsOut(options, Self.pingsUnanswered),
            natsOptions_SetWriteDeadline(options, Self.writeDeadlineMilliseconds),
            natsOptions_SetDisconnectedCB(options, connectionDropped, context),
            natsOptions_SetReconnectedCB(options, connectionRestored, context),
            natsOptions_SetClosedCB(options, connectionClosed, context),
            natsOptions_SetErrorHandler(options, connectionFailed, context),
        ]
    }

    private func makeJetStream(_ jetStream: inout OpaquePointer?, _ connection: OpaquePointer, _ window: PublishWindow) -> natsStatus {
        var options = jsOptions()
        jsOptions_Init(&options)
        options.Wait = configuration.requestTimeout.wholeMilliseconds
        // Our window is the bound; twice of it never stalls the sender thread inside the library.
        options.PublishAsync.MaxPending = Int64(configuration.publishWindow) * 2
        options.PublishAsync.AckHandler = publishAnswered
        // Kept for the life of the process: the library has no last call for this handler, and a process makes one connection.
        options.PublishAsync.AckHandlerClosure = Unmanaged.passRetained(window).toOpaque()
        return natsConnection_JetStream(&jetStream, connection, &options)
    }
}
