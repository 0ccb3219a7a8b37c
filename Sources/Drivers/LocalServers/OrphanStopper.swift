import Glibc

/// Ends a server that outlived the process which started it, so that two never write to one folder.
struct OrphanStopper: Sendable {
    private static let pollMicroseconds: useconds_t = 20_000

    let program: any ServerProgram

    /// Stops what an earlier start left behind; blocks until it has ended. A recycled process id is left alone.
    func stopOrphans() throws(LocalServerError) {
        let recorded = Files.read(program.processFile).flatMap(ProcessIdentity.init(record:))
        for orphan in [recorded, program.unrecordedOrphan()] {
            if let orphan { try stop(orphan) }
        }
        unlink(program.processFile)
    }

    private func stop(_ orphan: ProcessIdentity) throws(LocalServerError) {
        for signal in program.stopSignals {
            guard orphan.isRunning else { return }
            guard kill(orphan.processID, signal.number) == 0 || errno == ESRCH else { break }
            if hasEnded(orphan, within: signal.patience) { return }
        }
        guard !orphan.isRunning else { throw .orphanRemains(program: program.name, processID: orphan.processID) }
    }

    private func hasEnded(_ orphan: ProcessIdentity, within patience: Duration) -> Bool {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if !orphan.isRunning { return true }
            usleep(Self.pollMicroseconds)
        }
        return false
    }
}
