/// Why a local server did not start; each case prints as one line that says what to do.
package enum LocalServerError: Error, Sendable, Equatable {
    /// A program is not on this machine.
    case programMissing(program: String, remedy: String)
    /// Another process listens on the port that was asked for.
    case portInUse(program: String, port: Int)
    /// The file system of the folder is full.
    case diskFull(folder: String)
    /// The folder, or something in it, cannot be written.
    case folderNotWritable(path: String, reason: String)
    /// The server's unprivileged account may not pass through a folder above its data.
    case folderNotReachable(folder: String, blockedAt: String, account: String)
    /// Another process holds the folder; its id is 0 when it did not say.
    case folderInUse(folder: String, processID: Int32)
    /// The data was written by another major version than the program found.
    case dataVersion(folder: String, found: String, installed: String)
    /// The data belongs to another account than the one the server would run as.
    case folderOwner(folder: String)
    /// A server left over from an earlier start does not end.
    case orphanRemains(program: String, processID: Int32)
    /// The server lives but does not answer in time.
    case startTimedOut(program: String, logFile: String)
    /// The server ended while it started; `reason` is the last line it logged, which holds no data of users.
    case startFailed(program: String, reason: String, logFile: String)
    /// `stop()` was called before the server was ready.
    case stopped(program: String)
    /// A call to the operating system failed.
    case system(call: String, reason: String)
}

extension LocalServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .programMissing(let program, let remedy):
            "\(program) is not installed: \(remedy)"
        case .portInUse(let program, let port):
            "port \(port) for \(program) is in use: stop what listens there, or set the port to 0 to pick a free one"
        case .diskFull(let folder):
            "no space left on the disk of \(folder): free some, then start again; nothing that was committed is lost"
        case .folderNotWritable(let path, let reason):
            "cannot write \(path) (\(reason)): change its owner or mode, or choose another data folder"
        case .folderNotReachable(let folder, let blockedAt, let account):
            "the account \(account) cannot reach \(folder): run chmod o+x \(blockedAt), or choose a data folder elsewhere"
        case .folderInUse(let folder, let processID):
            processID > 0
                ? "\(folder) is used by the running process \(processID): stop it, or choose another data folder"
                : "\(folder) is used by another running process: stop it, or choose another data folder"
        case .dataVersion(let folder, let found, let installed):
            "\(folder) was written by version \(found), installed is \(installed): install version \(found), or dump and restore the data"
        case .folderOwner(let folder):
            "\(folder) belongs to another account: start as its owner or as root, or choose another data folder"
        case .orphanRemains(let program, let processID):
            "\(program) of an earlier start (process \(processID)) does not stop: end it by hand, then start again"
        case .startTimedOut(let program, let logFile):
            "\(program) did not become ready in time: see \(logFile)"
        case .startFailed(let program, let reason, let logFile):
            "\(program) did not start (\(reason)): see \(logFile)"
        case .stopped(let program):
            "\(program) was stopped before it was ready"
        case .system(let call, let reason):
            "\(call) failed: \(reason)"
        }
    }
}
