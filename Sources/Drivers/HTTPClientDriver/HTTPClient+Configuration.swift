extension HTTPClient {
    /// What a client is made with.
    package struct Configuration: Sendable {
        /// Which addresses may be connected to. No default: reaching everything must be a decision.
        package var addressPolicy: AddressPolicy
        /// Exchanges under way at once: each costs a socket and its buffers; half of the usual 1024 descriptors stays free for others.
        package var maximumConcurrentTransfers = 256
        /// Calls that wait for a free place; more are refused, because they would time out waiting.
        package var maximumWaitingTransfers = 1024
        /// Idle connections kept for the next request to the same host.
        package var maximumIdleConnections = 64
        /// How long a shutdown waits for exchanges under way before it aborts them.
        package var drainTimeout = Duration.seconds(10)
        /// Sent as `User-Agent` where the request has none.
        package var userAgent = "fastn"
        /// A file of certificates (PEM) to trust in place of the system's, for hosts with an authority of their own.
        package var certificateAuthorityFile: String?

        /// Makes a configuration with the defaults above.
        package init(addressPolicy: @escaping AddressPolicy) {
            self.addressPolicy = addressPolicy
        }
    }
}
