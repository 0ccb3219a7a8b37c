import Glibc

/// The signals that a thread keeps from ending the process.
enum BlockedSignals {
    /// Blocks SIGPIPE on the calling thread: libcurl leaves it alone in programs with threads, and a peer that hangs up while
    /// TLS is writing would end the process. Source: libcurl manual, "CURLOPT_NOSIGNAL".
    static func blockBrokenPipe() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        let status = pthread_sigmask(SIG_BLOCK, &signals, nil)
        precondition(status == 0, "SIGPIPE could not be blocked (error \(status))")
    }
}
