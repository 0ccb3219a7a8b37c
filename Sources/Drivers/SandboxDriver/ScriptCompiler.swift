import Cryptography
import DriverThreads
import Glibc
import SandboxProtocol

/// Turns a workflow's source into a script: esbuild strips the types, then a worker loads the result once.
///
/// The source is hostile until proven otherwise: it goes through standard input into a process of its own with little memory and, when the
/// server is root, without rights; nothing else is read, no import is followed.
package struct ScriptCompiler: Sendable {
    /// Where the programs are and what a compilation may use.
    package struct Configuration: Sendable {
        /// Path of esbuild 0.17 or later.
        package var compilerPath = "/usr/bin/esbuild"
        /// Paths of util-linux's programs that set the limits.
        package var prlimitPath = "/usr/bin/prlimit"
        package var setprivPath = "/usr/bin/setpriv"
        /// An honest source takes 5 ms.
        package var timeout: Duration = .seconds(5)
        /// Address space of the compiler: 1.0 GB is too little for its runtime, 1.3 GB bounds deep nesting to 0.3 GB of real memory.
        package var addressSpaceBytes = 1_300_000_000
        /// Each compilation keeps a core busy.
        package var maximumConcurrent = 2
        package var maximumWaiting = 100
        /// User and group of the compiler when the server itself is root.
        package var unprivilegedID: UInt32 = 65_534

        package init() {}
    }

    /// Nested parentheses in more than this make the compiler use a gigabyte.
    package static let maximumSourceBytes = 256 << 10
    private static let maximumOutputBytes = 8 << 20
    /// Changes with the compiler's options, so that equal ids mean equal scripts.
    private static let recipe = "1"

    private let configuration: Configuration
    private let pool: SandboxPool
    private let gate: AdmissionGate

    /// - Parameter pool: Runs the check; its ``SandboxPool/run()`` must be running.
    package init(configuration: Configuration = Configuration(), pool: SandboxPool) {
        self.configuration = configuration
        self.pool = pool
        gate = AdmissionGate(permits: configuration.maximumConcurrent, maximumWaiting: configuration.maximumWaiting)
    }

    /// Compiles the source and checks that its default export is a function. About 60 ms, nearly all of it the worker's start.
    ///
    /// - Parameter fileName: As errors and stack traces name it, for example `workflow.ts`.
    package func compile(source: String, fileName: String, language: ScriptLanguage) async throws(ScriptError) -> SandboxScript {
        let bytes = Array(source.utf8)
        guard bytes.count <= Self.maximumSourceBytes else { throw .tooLarge(bytes: bytes.count) }
        do throws(SandboxError) {
            try await gate.acquire()
        } catch {
            throw .unavailable(error.description)
        }
        defer { gate.release() }
        let output = try await transform(bytes, fileName: fileName, language: language)
        guard let (code, sourceMap) = CompilerOutput.split(output) else { throw .unavailable("the compiler gave no source map") }
        let identity = Array("\(Self.recipe)\n\(language.rawValue)\n\(fileName)\n".utf8) + bytes
        let script = SandboxScript(id: SHA256.hash(identity).hex, fileName: fileName, source: code, sourceMap: sourceMap)
        try await check(script)
        return script
    }

    private func transform(_ source: [UInt8], fileName: String, language: ScriptLanguage) async throws(ScriptError) -> [UInt8] {
        let process = CompilerProcess(
            path: configuration.setprivPath, arguments: arguments(fileName: fileName, language: language),
            environment: ["GOMAXPROCS=1", "LANG=C.UTF-8"], timeout: configuration.timeout, maximumOutputBytes: Self.maximumOutputBytes)
        let output: CompilerProcess.Output
        do throws(CompilerProcess.Failure) {
            output = try await DedicatedThread.run(
                name: "compiler", refusal: { .cannotStart(errno: $0.errorNumber) },
                { () throws(CompilerProcess.Failure) in try process.run(input: source) })
        } catch {
            switch error {
            case .timedOut: throw .timedOut
            case .outputTooLarge: throw .unavailable("the compiler's output is too large")
            case .cannotStart(let errno): throw .unavailable("\(configuration.setprivPath) cannot be started (errno \(errno))")
            }
        }
        if output.exit == .status(0) { return output.standardOutput }
        let problems = CompilerOutput.problems(String(decoding: output.standardError, as: UTF8.self), fileName: fileName)
        guard problems.isEmpty else { throw .refused(problems) }
        guard access(configuration.compilerPath, X_OK) == 0 else {
            throw .unavailable("\(configuration.compilerPath) is missing; install the package esbuild")
        }
        throw .unavailable("the compiler ended without a word; check \(configuration.compilerPath), or simplify the source")
    }

    private func arguments(fileName: String, language: ScriptLanguage) -> [String] {
        let identity = configuration.unprivilegedID
        let privileges = geteuid() == 0 ? ["--reuid=\(identity)", "--regid=\(identity)", "--clear-groups"] : []
        let limits = ["--as=\(configuration.addressSpaceBytes)", "--cpu=\(configuration.timeout.components.seconds + 1)", "--core=0", "--fsize=0"]
        let options = [
            "--loader=\(language == .typescript ? "ts" : "js")", "--format=iife", "--global-name=__wf", "--target=es2022",
            // The engine's own never settles when an element rejects.
            "--supported:for-await=false",
            // Without it an undeclared name silently becomes a global.
            "--banner=\"use strict\";",
            "--sourcemap=inline", "--sources-content=false", "--sourcefile=\(fileName)", "--log-limit=10", "--log-level=error", "--color=false",
        ]
        return ["--no-new-privs", "--pdeathsig=KILL"] + privileges + ["--", configuration.prlimitPath] + limits
            + ["--", configuration.compilerPath] + options
    }

    private func check(_ script: SandboxScript) async throws(ScriptError) {
        let verdict: SandboxMessage?
        do throws(SandboxError) {
            verdict = try await lastMessage(of: pool.openCheck(of: script, limit: configuration.timeout))
        } catch {
            throw .unavailable(error.description)
        }
        switch verdict {
        case .completed: return
        case .failed(let failure): throw .refused([ScriptProblem(location: failure.location, message: failure.message, lineText: nil)])
        // A fault of ours says nothing about the source.
        case .ended(.protocolError), .ended(.killed), .ended(.cancelled): throw .unavailable("the sandbox ended while it loaded the workflow")
        case .ended(let end): throw .refused([ScriptProblem(location: nil, message: end.description, lineText: nil)])
        case .call, .log, .turnOver, nil: throw .unavailable("the sandbox ended without a word")
        }
    }

    private func lastMessage(of session: SandboxSession) async throws(SandboxError) -> SandboxMessage? {
        var last: SandboxMessage?
        while let message = try await session.next() { last = message }
        return last
    }
}
