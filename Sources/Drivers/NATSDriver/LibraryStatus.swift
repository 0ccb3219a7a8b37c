import CNATS

/// Translates the library's status values, which are C and stay inside this target.
enum LibraryStatus {
    /// The error for a status other than `NATS_OK`, with JetStream's own code where the server sent one.
    static func error(_ status: natsStatus, _ serverCode: jsErrCode = jsErrCode(0), during operation: String) -> NATSError {
        NATSError(code(status, serverCode), during: operation)
    }

    /// Throws unless `status` is `NATS_OK`.
    static func check(_ status: natsStatus, _ serverCode: jsErrCode = jsErrCode(0), during operation: String) throws(NATSError) {
        guard status == NATS_OK else { throw error(status, serverCode, during: operation) }
    }

    private static func code(_ status: natsStatus, _ serverCode: jsErrCode) -> NATSError.Code {
        if serverCode == JSStreamNotFoundErr || serverCode == JSConsumerNotFoundErr { return .missing }
        if serverCode != jsErrCode(0) { return .refused(serverCode: Int(serverCode.rawValue)) }
        return switch status {
        // Nobody listens on the subject: for a publish to JetStream that means that no stream takes it.
        case NATS_NO_RESPONDERS, NATS_NOT_FOUND: .missing
        case NATS_TIMEOUT: .timedOut
        case NATS_MAX_PAYLOAD: .tooLarge
        case NATS_CONNECTION_CLOSED: .closed
        case NATS_CONNECTION_DISCONNECTED, NATS_NO_SERVER, NATS_IO_ERROR, NATS_STALE_CONNECTION, NATS_NOT_YET_CONNECTED,
            NATS_CONNECTION_AUTH_FAILED: .notConnected
        default: .library(status: status.rawValue)
        }
    }
}
