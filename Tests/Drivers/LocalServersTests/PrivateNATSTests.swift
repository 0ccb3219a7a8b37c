import Glibc
import Testing

@testable import LocalServers

@Suite struct `A private nats-server` {
    @Test func `a fresh start accepts connections`() async throws {
        let folder = try TemporaryFolder()
        let server = testNATS(in: folder)
        let endpoint = try await server.start()
        #expect(accepts(endpoint.port))
        await server.stop()
        #expect(!accepts(endpoint.port))
    }

    @Test func `a killed server is started again on its port`() async throws {
        let folder = try TemporaryFolder()
        let server = testNATS(in: folder)
        let endpoint = try await server.start()
        let killed = try recordedProcess(folder.path + "/nats")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            kill(killed.processID, SIGKILL)
            #expect(await eventually { !killed.isRunning })
            #expect(await eventually { accepts(endpoint.port) })
            await server.stop()
        }
        #expect(!accepts(endpoint.port))
    }

    @Test func `an orphan is stopped by the next start`() async throws {
        let folder = try TemporaryFolder()
        try await startAndAbandon(in: folder) { _ = try await testNATS(in: folder).start() }
        let orphan = try recordedProcess(folder.path + "/nats")
        let port = Files.read(folder.path + "/nats/port")
        let server = testNATS(in: folder)
        let endpoint = try await server.start()
        #expect(!orphan.isRunning)
        #expect("\(endpoint.port)\n" == port)
        await server.stop()
    }

    @Test func `a recycled process id is left alone`() async throws {
        let folder = try TemporaryFolder()
        let stranger = try ChildProcess.start(Command(words: ["/bin/sleep", "600"], workingFolder: "/", logFile: "/dev/null"))
        let now = try #require(ProcessIdentity(running: stranger.processID))
        try Files.createFolder(folder.path + "/nats")
        // The same process id, but started one tick earlier than the process that has it now.
        try Files.write("\(now.processID) \(now.startTicks - 1) \(now.bootID)\n", to: folder.path + "/nats/pid")
        let server = testNATS(in: folder)
        _ = try await server.start()
        #expect(now.isRunning)
        await server.stop()
        stranger.send(SIGKILL)
        _ = await stranger.ended()
    }

    @Test func `the secret is readable by the owner alone`() async throws {
        let folder = try TemporaryFolder()
        let server = testNATS(in: folder)
        _ = try await server.start()
        for file in ["password", "nats-server.conf"] {
            let status = try #require(Files.status(folder.path + "/nats/" + file))
            #expect(status.st_mode & 0o777 == 0o600)
        }
        await server.stop()
    }

    @Test func `a cancelled run returns and leaves the server`() async throws {
        let folder = try TemporaryFolder()
        let server = testNATS(in: folder)
        let endpoint = try await server.start()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            group.cancelAll()
        }
        #expect(accepts(endpoint.port))
        await server.stop()
    }
}
