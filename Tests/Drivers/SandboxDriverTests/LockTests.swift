import CSandbox
import Glibc
import SandboxDriver
import Testing

@Suite struct `A locked worker` {
    /// What the kernel says of the worker of a run that waits.
    private func inspect(_ read: @Sendable @escaping (Int32) throws -> Void) async throws {
        try await Sandbox.withPool { pool in
            let session = try await pool.open(trustDomain: "t", script: .function("await fastn.state.get('k');"), start: .test())
            _ = try await session.next()
            try read(try #require(session.processIdentifier))
        }
    }

    private static func contents(of path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        try #require(descriptor >= 0, "\(path) cannot be read")
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test func `it is filtered, has no privileges and can gain none`() async throws {
        try await inspect { process in
            let status = try Self.contents(of: "/proc/\(process)/status")
            let fields = Dictionary(
                status.split(separator: "\n").compactMap { line -> (String, [Substring])? in
                    let halves = line.split(separator: ":", maxSplits: 1)
                    return halves.count == 2 ? (String(halves[0]), halves[1].split(whereSeparator: \.isWhitespace)) : nil
                }, uniquingKeysWith: { first, _ in first })
            #expect(fields["Seccomp"] == ["2"])
            #expect(fields["NoNewPrivs"] == ["1"])
            #expect(fields["CapEff"] == ["0000000000000000"])
            #expect(fields["Uid"]?.contains("0") == false)
            #expect(fields["Groups"]?.isEmpty != false || getuid() != 0)
        }
    }

    @Test func `it inherits neither descriptors nor environment`() async throws {
        // Only root may look into another user's process.
        try await inspect { process in
            guard getuid() == 0 else { return }
            let environment = try Self.contents(of: "/proc/\(process)/environ").split(separator: "\0").map(String.init)
            #expect(environment.allSatisfy { $0.hasPrefix("JSC_") || ["Malloc=1", "TZ=UTC", "LANG=C.UTF-8"].contains($0) })
            #expect(environment.count == 8)
            var targets: [String] = []
            for number in 0..<32 {
                if let target = Sandbox.linkTarget("/proc/\(process)/fd/\(number)") { targets.append(target) }
            }
            #expect(targets.filter { $0.hasPrefix("socket:") }.count == 1)
            let others = targets.filter { !$0.hasPrefix("socket:") && !$0.hasPrefix("anon_inode:") }
            #expect(others.allSatisfy { $0 == "/dev/null" || $0 == "/dev/urandom" || $0.hasSuffix("/statm") }, "\(others)")
        }
    }

    @Test func `a socket is a breach`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            fastn_sandbox_install_filter()
            socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        }
    }

    @Test func `a new process is a breach`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            fastn_sandbox_install_filter()
            var process = pid_t()
            posix_spawn(&process, "/bin/true", nil, nil, [nil], [nil])
        }
    }

    @Test func `executable memory is a breach`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            fastn_sandbox_install_filter()
            mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        }
    }

    @Test func `a signal to another process is a breach`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            fastn_sandbox_install_filter()
            kill(getppid(), 0)
        }
    }

    @Test func `removing a file is a breach`() async {
        await #expect(processExitsWith: .signal(SIGSYS)) {
            fastn_sandbox_install_filter()
            unlink("/nonexistent")
        }
    }

    @Test func `opening a file is refused`() async {
        // The filter binds every thread of this process, and a thread of the test library that is just being made is ended by it, and
        // all with it. A worker has one thread then. So what counts is that it is refused once in a few tries, and never allowed.
        var statuses: [ExitStatus] = []
        for _ in 0..<5 where !statuses.contains(.exitCode(77)) {
            let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
                fastn_sandbox_install_filter()
                _exit(open("/etc/passwd", O_RDONLY) < 0 && errno == EPERM ? 77 : 0)
            }
            if let status = result?.exitStatus { statuses.append(status) }
        }
        #expect(statuses.contains(.exitCode(77)), "\(statuses)")
    }
}
