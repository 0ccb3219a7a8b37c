import ArgumentParser
import CommandLineTool
import EventLog
import EventSourcing
import FoundationEssentials
import Glibc
import HTTPAPI
import LocalServers
import Logging
import ServiceLifecycle
import UnixSignals

/// `fastn serve`: everything in one process, with private servers unless others are named.
struct ServeCommand: AsyncParsableCommand {
    private static let defaultFolder = DataFolder.defaultPath(environment: ProcessInfo.processInfo.environment)

    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Starts the server, with a Postgres and a NATS of its own unless others are named.",
        discussion: """
            Started several times on one Postgres and one NATS, each time with a data folder of its own, it is a cluster.

            Environment:
              FASTN_DATA                     folder for everything kept on disk (\(defaultFolder))
              FASTN_VAULT_KEY                file with the key of all secrets, the same for all nodes of a cluster (FASTN_DATA/vault.key)
              FASTN_CHECKPOINTS              folder for signed checkpoints of the log, best on another disk (FASTN_DATA/checkpoints)
              FASTN_LISTEN                   address of the API, host:port, port 0 picks a free one (127.0.0.1:8080)
              FASTN_PUBLIC_URL               where the world reaches the API, for webhook URLs (the address above)
              FASTN_DATABASE_URL             an existing Postgres 15 or newer in place of a private one
              FASTN_DATABASE_URL_<REGION>    an existing Postgres for customers of a further region, such as FASTN_DATABASE_URL_EU for eu
              FASTN_NATS_URL                 an existing NATS server with JetStream in place of a private one
              FASTN_ALLOW_PRIVATE_ADDRESSES  1 lets workflows call addresses of the private network (0)
              FASTN_SANDBOXES                processes that run workflows at once (8)
              FASTN_LOG                      trace, debug, info, notice, warning, error or critical (info)
            """)

    @Flag(help: "Go on although the database lacks acknowledged events that its newest checkpoint has; what is lost stays on record.")
    var acceptLoss = false

    /// How long requests and runs under way may take to end before they are cut off; runs continue at the next start.
    private static let shutdownLimit = Duration.seconds(20)

    func run() async throws {
        var settings = try ServerSettings(environment: ProcessInfo.processInfo.environment)
        settings.acceptsLoss = acceptLoss
        try Composition.checkPrograms()
        try PrivateFiles.makeFolder(settings.dataFolder)
        // Held to the end: a second server on the folder must touch nothing of the first.
        let lock = try FolderLock.take(folder: settings.dataFolder)
        defer { withExtendedLifetime(lock) {} }
        let readyPath = Announcement.readyPath(in: settings.dataFolder)
        PrivateFiles.remove(readyPath)
        defer { PrivateFiles.remove(readyPath) }
        var logger = Logger(label: "fastn", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = settings.logLevel
        // Signals are taken before the first child starts: one that came earlier than the handlers would leave the child behind.
        let whole = Part("fastn", ending: .shutdown) { [settings, logger] in try await start(settings, logger) }
        try await Self.group([whole], signals: Self.endSignals, logger).run()
    }

    /// Starts what the server needs, serves, and stops what it started; a shutdown that begins meanwhile ends it at the next step.
    private func start(_ settings: ServerSettings, _ logger: Logger) async throws {
        let servers = try await Servers.start(settings, logger: logger)
        do { try await serve(settings, servers, logger) } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    private func serve(_ settings: ServerSettings, _ servers: Servers, _ logger: Logger) async throws {
        if Task.isShuttingDownGracefully { return }
        // The port must be known before the API is made, since webhook URLs name it.
        let port = settings.port == 0 ? try LoopbackPort.pickFree() : settings.port
        let baseURL = "http://\(settings.hostInURL):\(port)"
        let composition = try await Composition(settings, servers, publicURL: settings.publicURL ?? baseURL, logger: logger)
        var configuration = HTTPServerConfiguration()
        configuration.host = settings.host
        configuration.port = port
        // The node that came first has made it, and has the key to it.
        let installation = composition.logs.main.isFirstNode
            ? try Installation.open(in: settings.dataFolder, regions: composition.logs.regions, ids: SystemIDs.source) : nil
        let demo = installation.map {
            DemoSpace(
                installation: $0, store: composition.store, ids: SystemIDs.source, compiler: composition.compiler,
                projections: composition.projections, regions: composition.logs.regions)
        }
        let announcement = Announcement(settings: settings, installation: installation, servers: servers, baseURL: baseURL)
        let listening = Signal()
        let server = HTTPServer(configuration: configuration, api: API(services: composition.services, logger: logger), logger: logger) { _ in
            listening.raise()
        }
        let welcome = Part("welcome") {
            await listening.wait()
            try Task.checkCancellation()
            try await demo?.create()
            try announcement.writeReadyFile()
            Terminal.out(announcement.text)
            await waitForCancellation()
        }
        let watch = Part("servers") { await servers.watch() }
        try await Self.group([watch] + composition.parts(serving: server) + [welcome], signals: [], logger).run()
    }

    /// A terminal that is closed ends the server too, or its Postgres and NATS would be left behind; one started with nohup(1) goes on.
    private static var endSignals: [UnixSignal] {
        var hangup = sigaction()
        sigaction(SIGHUP, nil, &hangup)
        let isIgnored = unsafeBitCast(hangup.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        return isIgnored ? [.sigint, .sigterm] : [.sigint, .sigterm, .sighup]
    }

    private static func group(_ parts: [any Service], signals: [UnixSignal], _ logger: Logger) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: parts.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: signals, logger: logger)
        configuration.maximumGracefulShutdownDuration = shutdownLimit
        return ServiceGroup(configuration: configuration)
    }
}
