import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Glibc

/// Listens, and hands every request to the API.
///
/// Hummingbird's core gives connections and parsing; routes are ours (`RouteTable`), since one table also makes permissions and the OpenAPI document.
package final class HTTPServer: Service {
    private let configuration: HTTPServerConfiguration
    private let api: API
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// `onListening` is told the port once connections are taken; with port 0 in the configuration it is the one that was free.
    package init(
        configuration: HTTPServerConfiguration, api: API, logger: Logger, onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.api = api
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the task is cancelled or a graceful shutdown begins; then no connection is taken and requests that run are finished.
    ///
    /// Throws `HTTPServerError` when the address cannot be listened on.
    package func run() async throws {
        let (api, logger, configuration) = (api, logger, configuration)
        let builder = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(idleTimeout: .seconds(configuration.idleTimeout.components.seconds)))
        let address = BindAddress.hostname(configuration.host, port: configuration.port)
        // Told by its own logger only from the level warning on: who listens where is announced by whoever runs this.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let server = try builder.buildServer(
            configuration: ServerConfiguration(
                address: address, backlog: configuration.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections, logger: quiet)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet,
            responder: { request, writer, channel in
                try await Exchange(request: request, writer: writer, channel: channel, limits: configuration).serve(api, logger: logger)
            },
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? configuration.port) })
        do { try await server.run() } catch let error as IOError {
            throw HTTPServerError(host: configuration.host, port: configuration.port, errno: error.errnoCode)
        }
    }
}

/// Why the server cannot listen; one line that says what to do.
package struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int
    /// The system's error number.
    package let errno: Int32

    package var description: String { "cannot listen on \(host):\(port): \(remedy)" }

    private var remedy: String {
        switch errno {
        case EADDRINUSE: "the port is in use by another program; stop it or choose another port with FASTN_LISTEN"
        case EACCES, EPERM: "this user may not use the port; choose one above 1023 with FASTN_LISTEN"
        case EADDRNOTAVAIL: "this machine does not have that address; use 127.0.0.1 or 0.0.0.0"
        default: "the system says error \(errno)"
        }
    }
}
