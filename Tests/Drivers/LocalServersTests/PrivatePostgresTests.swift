import Glibc
import Testing

@testable import LocalServers

@Suite struct `A private Postgres` {
    @Test func `a fresh start answers a query`() async throws {
        let folder = try TemporaryFolder()
        let server = testPostgres(in: folder)
        let endpoint = try await server.start()
        let answer = try await psql(endpoint, "select current_database(), current_setting('data_checksums')", in: folder)
        #expect(answer == "fastn|on\n")
        await server.stop()
        #expect(LoopbackPort.isFree(endpoint.port))
    }

    @Test func `a second start finds the data and keeps the port`() async throws {
        let folder = try TemporaryFolder()
        let first = testPostgres(in: folder)
        let before = try await first.start()
        _ = try await psql(before, "create table kept as select 42 as answer", in: folder)
        await first.stop()
        let second = testPostgres(in: folder)
        let after = try await second.start()
        #expect(try await psql(after, "select answer from kept", in: folder) == "42\n")
        #expect(after.connectionString == before.connectionString)
        await second.stop()
    }

    @Test func `a killed postmaster is started again with its data`() async throws {
        let folder = try TemporaryFolder()
        let server = testPostgres(in: folder, durability: .full)
        let endpoint = try await server.start()
        _ = try await psql(endpoint, "create table kept as select 7 as answer", in: folder)
        let killed = try recordedProcess(folder.path + "/postgres")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run() }
            kill(killed.processID, SIGKILL)
            #expect(await eventually { !killed.isRunning })
            #expect(try await psqlEventually(endpoint, "select answer from kept", in: folder) == "7\n")
            await server.stop()
            try await group.waitForAll()
        }
        #expect(LoopbackPort.isFree(endpoint.port))
    }

    @Test func `an orphan of a dead parent is stopped by the next start`() async throws {
        let folder = try TemporaryFolder()
        try await startAndAbandon(in: folder) { _ = try await testPostgres(in: folder).start() }
        let orphan = try recordedProcess(folder.path + "/postgres")
        #expect(orphan.isRunning)
        let server = testPostgres(in: folder)
        let endpoint = try await server.start()
        #expect(!orphan.isRunning)
        #expect(try await psql(endpoint, "select 1", in: folder) == "1\n")
        await server.stop()
    }

    @Test func `an orphan without our pid file is found by its own`() async throws {
        let folder = try TemporaryFolder()
        try await startAndAbandon(in: folder) { _ = try await testPostgres(in: folder).start() }
        let orphan = try recordedProcess(folder.path + "/postgres")
        unlink(folder.path + "/postgres/pid")
        let server = testPostgres(in: folder)
        _ = try await server.start()
        #expect(!orphan.isRunning)
        await server.stop()
    }

    @Test func `a killed server that nobody has collected does not keep the next from starting`() async throws {
        let folder = try TemporaryFolder()
        let first = testPostgres(in: folder)
        let endpoint = try await first.start()
        await first.stop()
        var ended = pid_t()
        #expect(posix_spawn(&ended, "/bin/true", nil, nil, [nil], [nil]) == 0)
        defer { waitpid(ended, nil, 0) }
        #expect(await eventually { ProcessIdentity(running: ended) == nil })
        #expect(kill(ended, 0) == 0)
        for lock in ["cluster/postmaster.pid", "socket/.s.PGSQL.\(endpoint.port).lock"] {
            try Files.write("\(ended)\n", to: "\(folder.path)/postgres/\(lock)")
        }
        let second = testPostgres(in: folder)
        _ = try await second.start()
        await second.stop()
    }

    @Test func `a second instance on the same folder is refused`() async throws {
        let folder = try TemporaryFolder()
        let server = testPostgres(in: folder)
        _ = try await server.start()
        let expected = LocalServerError.folderInUse(folder: folder.path + "/postgres", processID: getpid())
        await #expect(throws: expected) { try await testPostgres(in: folder).start() }
        await server.stop()
    }

    @Test func `a port in use is named`() async throws {
        let folder = try TemporaryFolder()
        let holder = testNATS(in: folder)
        let port = try await holder.start().port
        await #expect(throws: LocalServerError.portInUse(program: "PostgreSQL", port: port)) {
            try await testPostgres(in: folder, port: port).start()
        }
        await holder.stop()
    }

    @Test func `data of another major version is refused`() async throws {
        let folder = try TemporaryFolder()
        let cluster = folder.path + "/postgres/cluster"
        try Files.createFolder(cluster)
        try Files.write("9\n", to: cluster + "/PG_VERSION")
        await #expect { try await testPostgres(in: folder).start() } throws: { error in
            if case LocalServerError.dataVersion(cluster, "9", _) = error { true } else { false }
        }
    }

    @Test func `a folder that cannot be made is one clear line`() async throws {
        let folder = try TemporaryFolder()
        try Files.write("in the way", to: folder.path + "/postgres")
        await #expect { try await testPostgres(in: folder).start() } throws: { error in
            "\(error)".contains("cannot write") && !"\(error)".contains("\n")
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `a parent folder the account cannot pass is named`() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o700)
        await #expect { try await testPostgres(in: folder).start() } throws: { error in
            if case LocalServerError.folderNotReachable(_, folder.path, _) = error { true } else { false }
        }
    }

    @Test func `a missing program names the remedy`() async throws {
        let folder = try TemporaryFolder()
        let server = PrivatePostgres(configuration: .init(dataFolder: folder.path + "/postgres", binFolder: folder.path), logger: quiet)
        await #expect { try await server.start() } throws: { "\($0)".contains("ops/install-dependencies") }
    }

    @Test func `a long path puts the socket into a short folder`() throws {
        let long = "/tmp/" + String(repeating: "x", count: 90)
        let program = PostgresProgram(configuration: .init(dataFolder: long))
        #expect((program.socketFolder + "/.s.PGSQL.65535").utf8.count <= 107)
        #expect(program.socketFolder != PostgresProgram(configuration: .init(dataFolder: long + "y")).socketFolder)
    }
}
