/// How many workers there are, how long they live and what a run may use.
package struct SandboxConfiguration: Sendable {
    /// Path of the `fastn-sandbox` executable.
    package var executablePath: String
    /// Processes that run a script at once; one CPU-bound script keeps one core busy. Idle ones count while they live.
    package var maximumWorkers = 8
    /// Workers that only urgent runs may have, so that somebody who waits need not wait for a long run; at least one is left for the others.
    package var workersReservedForUrgent = 0
    /// Callers that may wait for a worker; one more is refused, because its run would start too late to be of use.
    package var maximumWaiting = 1_000
    /// Private memory of a worker in bytes. A run above it ends with ``SandboxEnd/memoryLimit``.
    package var memoryLimitBytes = 256 << 20
    /// Address space beyond what the engine maps at its start: the second fence behind the memory watch, far enough not to be met first.
    package var addressSpaceHeadroomBytes = 1 << 30
    /// CPU time of one turn of a script. The engine stops it and can name the line.
    package var perEntryLimit: Duration = .seconds(2)
    /// CPU time of a whole run: catches what the engine does not, as endless microtasks.
    package var cpuLimit: Duration = .seconds(10)
    /// An idle worker holds about 15 MB and its customer's garbage; after this time it is ended.
    package var idleLifetime: Duration = .seconds(60)
    /// A worker is replaced after as many runs, so that nothing a script managed to leave behind stays long.
    package var runsPerWorker = 100
    /// User and group of the workers when the server itself is root; the number of `nobody` on Debian.
    package var unprivilegedID: UInt32 = 65_534

    package init(executablePath: String) {
        self.executablePath = executablePath
    }
}
