import BuildProducts
import DriverThreads
import Glibc
import Synchronization

/// One run of a program, the built `fastn` unless said otherwise, in a folder of its own; killed when it is released.
package final class FastnProcess: Sendable {
    /// How a run ended and what it wrote.
    package struct Outcome: Sendable {
        /// 128 and the signal's number for a run that a signal ended.
        package let exitCode: Int32
        package let output: String
        package let error: String
    }

    package let processID: ProcessID
    private let folder: ScratchFolder
    private let name: String
    private let exitCode = Mutex<Int32?>(nil)

    /// Starts the program; nothing of the tests' own surroundings reaches it but what `environment` has. Without a folder it gets a new one.
    package init(
        _ arguments: [String], of executable: String = BuildProducts.path(of: "fastn"), environment: [String: String] = [:], input: String = "",
        in folder: ScratchFolder? = nil
    ) throws {
        let folder = try folder ?? ScratchFolder()
        self.folder = folder
        // Every run has files of its own, since one that was killed may still have an heir that writes.
        name = "run-\(UInt32.random(in: .min ... .max))"
        try folder.write(input, to: "\(name).in")
        let surroundings = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "FASTN_DATA": folder.path("data")]
        let output = O_WRONLY | O_CREAT | O_TRUNC
        processID = try ProcessStart(
            [executable] + arguments, environment: surroundings.merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }, in: folder.path,
            descriptors: [
                (0, .file(folder.path("\(name).in"), flags: O_RDONLY)), (1, .file(folder.path("\(name).out"), flags: output)),
                (2, .file(folder.path("\(name).err"), flags: output)),
            ]
        ).spawn(executable)
    }

    deinit { send(SIGKILL) }

    /// Runs `fastn` to its end.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", in folder: ScratchFolder? = nil
    ) async throws -> Outcome {
        try await FastnProcess(arguments, environment: environment, input: input, in: folder).ended()
    }

    /// Runs a command line as a person's shell would.
    package static func shell(_ command: String, in folder: ScratchFolder) async throws -> Outcome {
        try await FastnProcess(["-c", command], of: "/bin/sh", in: folder).ended()
    }

    /// Sends a signal; after the end it does nothing.
    package func send(_ signal: Int32) {
        exitCode.withLock { known in
            if collect(&known) == nil { kill(processID, signal) }
        }
    }

    /// Whether the program has ended.
    package var hasEnded: Bool { exitCode.withLock { collect(&$0) } != nil }

    /// Waits for the end.
    package func ended(within limit: Duration = .seconds(60)) async throws -> Outcome {
        let code = try await value("the end of fastn; it wrote \(error.suffix(2000))", within: limit) { exitCode.withLock { collect(&$0) } }
        return Outcome(exitCode: code, output: output, error: error)
    }

    /// What it has written to standard output so far.
    package var output: String { Files.text(folder.path("\(name).out")) }

    /// What it has written to standard error so far.
    package var error: String { Files.text(folder.path("\(name).err")) }

    /// Never blocks; the lock keeps two collectors apart, and a signal from a process that took over the id.
    private func collect(_ known: inout Int32?) -> Int32? {
        var status: Int32 = 0
        if known == nil, waitpid(processID, &status, WNOHANG) == processID {
            known = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        }
        return known
    }
}
