import DriverThreads
import Glibc

/// One run of a program that reads its standard input and answers on its standard output, within bounds.
struct CompilerProcess: Sendable {
    enum Failure: Error { case cannotStart(errno: Int32), timedOut, outputTooLarge }

    struct Output: Sendable {
        var standardOutput: [UInt8] = []
        var standardError: [UInt8] = []
        var exit: ProcessExit
    }

    private static let chunkBytes = 64 << 10
    private static let reapMilliseconds: Int32 = 1

    let path: String
    let arguments: [String]
    let environment: [String]
    let timeout: Duration
    let maximumOutputBytes: Int

    /// Runs the program to its end. Blocks: call it on a thread of its own, which must outlive the program.
    func run(input: [UInt8]) throws(Failure) -> Output {
        var pairs: [(ours: Int32, childs: Int32)] = []
        defer { for pair in pairs { close(pair.ours); if pair.childs >= 0 { close(pair.childs) } } }
        for _ in 0..<3 { pairs.append(try Self.makePair()) }
        let process: pid_t
        do {
            process = try ProcessStart(
                [path] + arguments, environment: environment,
                descriptors: pairs.enumerated().map { (childs: Int32($0), source: .descriptor($1.childs)) }
            ).spawn()
        } catch {
            throw .cannotStart(errno: error.errno)
        }
        for index in pairs.indices {
            close(pairs[index].childs)
            pairs[index].childs = -1
        }
        var exchange = Exchange(input: input, descriptors: pairs.map(\.ours), maximumOutputBytes: maximumOutputBytes)
        let deadline = ContinuousClock.now + timeout
        let failure = exchange.run(until: deadline)
        let exit = Self.end(process, deadline: failure == nil ? deadline : .now)
        if let failure { throw failure }
        guard let exit else { throw .timedOut }
        return Output(standardOutput: exchange.outputs[0], standardError: exchange.outputs[1], exit: exit)
    }

    private static func makePair() throws(Failure) -> (ours: Int32, childs: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .cannotStart(errno: errno)
        }
        return (ends[0], ends[1])
    }

    /// Waits for the end until the deadline, then kills; nil if it was killed.
    private static func end(_ process: pid_t, deadline: ContinuousClock.Instant) -> ProcessExit? {
        while ContinuousClock.now < deadline {
            if let exit = ProcessExit(of: process) { return exit }
            poll(nil, 0, reapMilliseconds)
        }
        // The session's processes too: the program may have children of its own.
        kill(-process, SIGKILL)
        while ProcessExit(of: process) == nil { poll(nil, 0, reapMilliseconds) }
        return nil
    }

    /// The bytes under way: writes the input while it reads both outputs, so that neither side waits for the other.
    private struct Exchange {
        private var input: ArraySlice<UInt8>
        private var descriptors: [pollfd]
        private let maximumOutputBytes: Int
        private(set) var outputs: [[UInt8]] = [[], []]
        private var chunk = [UInt8](repeating: 0, count: CompilerProcess.chunkBytes)

        init(input: [UInt8], descriptors: [Int32], maximumOutputBytes: Int) {
            self.input = input[...]
            self.maximumOutputBytes = maximumOutputBytes
            self.descriptors = descriptors.enumerated().map { pollfd(fd: $1, events: Int16($0 == 0 ? POLLOUT : POLLIN), revents: 0) }
        }

        mutating func run(until deadline: ContinuousClock.Instant) -> Failure? {
            while descriptors[1].fd >= 0 || descriptors[2].fd >= 0 {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { return .timedOut }
                _ = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: left.wholeMilliseconds))
                if descriptors[0].fd >= 0, descriptors[0].revents != 0 { write() }
                for index in 1...2 where descriptors[index].fd >= 0 && descriptors[index].revents != 0 { read(index) }
                if outputs[0].count + outputs[1].count > maximumOutputBytes { return .outputTooLarge }
            }
            return nil
        }

        private mutating func write() {
            let count = input.withUnsafeBytes { send(descriptors[0].fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
            if count > 0 { input = input.dropFirst(count) }
            guard input.isEmpty || (count < 0 && errno != EAGAIN && errno != EINTR) else { return }
            // The reader sees the end of its input; the socket is closed with the others.
            shutdown(descriptors[0].fd, Int32(SHUT_WR))
            descriptors[0].fd = -1
        }

        private mutating func read(_ index: Int) {
            let count = recv(descriptors[index].fd, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count > 0 { outputs[index - 1] += chunk[..<count] }
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { descriptors[index].fd = -1 }
        }
    }
}
