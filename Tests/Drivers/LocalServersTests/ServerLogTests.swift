import Testing

@testable import LocalServers

@Suite struct `A server's log` {
    @Test func `a long log is cut to its newest messages`() throws {
        let folder = try TemporaryFolder()
        let log = ServerLog(path: folder.path + "/server.log")
        let lines = (0..<40_000).map { "line \($0)\n" }.joined()
        try Files.write(lines, to: log.path)
        log.trim(over: lines.utf8.count - 1)
        #expect(log.size == ServerLog.keptBytes)
        #expect(log.text(after: 0).hasSuffix("line 39999\n"))
    }

    @Test func `a short log stays whole`() throws {
        let folder = try TemporaryFolder()
        let log = ServerLog(path: folder.path + "/server.log")
        try Files.write("one\ntwo\n", to: log.path)
        log.trim(over: 8)
        #expect(log.text(after: 4) == "two\n")
    }
}
