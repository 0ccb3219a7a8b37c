import Vocabulary

/// Where the server listens and what one caller may cost it.
package struct HTTPServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 lets the system choose a free one.
    package var port = 8080
    /// Largest body that is read; a longer one is 413 before it is read whole.
    package var maximumBodyBytes = Limits.bodyBytes
    /// A connection on which no complete part of a request arrives for so long is closed.
    package var idleTimeout = Duration.seconds(60)
    /// Connections served at once, approximately, since accepts come in batches; more wait in the backlog. Each costs about 20 KB and a descriptor.
    package var maximumConnections = 4096
    /// Connections that wait to be accepted.
    package var backlog = 1024
    /// Time in which a body must be there, whatever its size.
    package var bodyDeadline = Duration.seconds(10)
    /// What a body must arrive with on average beyond that time; slower is taken for an attack that holds connections.
    package var minimumBodyBytesPerSecond = 64 << 10
    /// Bytes that are read and thrown away after an early answer, so that the caller reads it instead of meeting a reset connection.
    package var discardedBytes = 1 << 20
    /// Time for the same.
    package var discardDeadline = Duration.seconds(2)

    package init() {}

    /// When a body of that length must be complete, counted from its head.
    func deadline(forBytes length: Int) -> Duration { bodyDeadline + .seconds(length / minimumBodyBytesPerSecond) }
}
