import Glibc

/// How a process ended.
enum ProcessExit: Hashable {
    case status(Int32), signal(Int32)

    /// Nil while the process runs. Reaps it, so its id means nothing afterwards.
    init?(of process: pid_t) {
        var status: Int32 = 0
        let reaped = waitpid(process, &status, WNOHANG)
        if reaped == 0 || (reaped < 0 && errno == EINTR) { return nil }
        let signal = status & 0x7F
        if reaped != process {
            // Somebody else reaped it: it is gone, and nobody can say how.
            self = .status(-1)
        } else {
            self = signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
        }
    }
}
