import Glibc
import ProcessTestKit
import ServerTestKit

/// One data folder whose server is killed and started again.
actor CrashedInstallation {
    /// Runs that can be under way at once.
    static let sandboxes = 4
    /// Every third crash takes the database along.
    private static let databaseCrash = 3

    private let folder: ScratchFolder
    private var server: Server
    private var customerID = ""

    private init(_ folder: ScratchFolder, _ server: Server) {
        self.folder = folder
        self.server = server
    }

    static func make() async throws -> CrashedInstallation {
        let folder = try ScratchFolder()
        let installation = CrashedInstallation(folder, try await start(in: folder))
        try await installation.makeCustomer()
        return installation
    }

    /// The customer, on the server that runs now.
    var customer: Customer { Customer(server: server, id: customerID) }

    /// Kills the server with -9, now and then the database too, and starts it again.
    func crash(_ number: Int) async throws {
        try await server.kill()
        if number % Self.databaseCrash == 0 { folder.kill("postgres") }
        // The first time the server finds its NATS empty when it comes back.
        if number == 1 { wipeNATS() }
        server = try await Self.start(in: folder)
    }

    /// Kills NATS and deletes everything that it keeps, under the feet of a server that serves.
    func wipeNATS() {
        folder.kill("nats-server")
        Files.remove(folder.path("data/nats"))
    }

    private func makeCustomer() async throws { customerID = try await Customer.make(on: server).id }

    private static func start(in folder: ScratchFolder) async throws -> Server {
        try await Server.start(in: folder, environment: ["FASTN_ALLOW_PRIVATE_ADDRESSES": "1", "FASTN_SANDBOXES": "\(sandboxes)"])
    }
}
