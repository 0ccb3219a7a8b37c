/// Why a call to the bus failed. Its text names no payload, subject or secret.
package struct NATSError: Error, Sendable, Equatable {
    /// What went wrong, for a decision in code.
    package enum Code: Sendable, Equatable {
        /// There is no connection now; it is being made again, so the call is worth repeating.
        case notConnected
        /// The stream or consumer is not on the server, which may have lost its store: ensure it again, then repeat.
        case missing
        /// No answer in time. The outcome is unknown: repeat with the same message id.
        case timedOut
        /// The bound on calls in flight is reached: slow down, then repeat.
        case busy
        /// The payload is over the server's limit; repeating is pointless.
        case tooLarge
        /// The connection or subscription was closed here.
        case closed
        /// The server refused; the number is JetStream's `err_code`, 0 without one. Source: NATS documentation, "JetStream error codes".
        case refused(serverCode: Int)
        /// The library failed; the number is its `natsStatus`.
        case library(status: UInt32)
    }

    package let code: Code
    /// The call that failed, in words.
    package let operation: String

    /// An error of `operation`.
    package init(_ code: Code, during operation: String) {
        self.code = code
        self.operation = operation
    }
}

extension NATSError: CustomStringConvertible {
    package var description: String {
        switch code {
        case .notConnected: "\(operation): not connected to NATS; it is tried again by itself"
        case .missing: "\(operation): the stream or consumer does not exist on the NATS server"
        case .timedOut: "\(operation): NATS did not answer in time"
        case .busy: "\(operation): too many NATS calls in flight"
        case .tooLarge: "\(operation): the message is larger than the NATS server allows (max_payload)"
        case .closed: "\(operation): the NATS connection is closed"
        case .refused(let serverCode): "\(operation): NATS refused with error \(serverCode)"
        case .library(let status): "\(operation): the NATS library failed with status \(status)"
        }
    }
}
