import Glibc

/// The operating system account a server runs as: never root, because Postgres refuses it and nats-server does not need it.
struct ServerAccount: Sendable, Equatable {
    let name: String
    let userID: uid_t
    let groupID: gid_t
    /// Whether a child must be switched to this account before it starts.
    let mustSwitch: Bool

    /// Accounts tried in this order when this process is root.
    private static let unprivilegedNames = ["postgres", "nobody"]

    /// The account for data in `folder`: its owner if there is data already, else an unprivileged one, else our own.
    static func choose(forDataIn folder: String) throws(LocalServerError) -> ServerAccount {
        let existing = Files.status(folder)
        guard geteuid() == 0 else {
            if let existing, existing.st_uid != geteuid() { throw .folderOwner(folder: folder) }
            return ServerAccount(name: "user \(geteuid())", userID: geteuid(), groupID: getegid(), mustSwitch: false)
        }
        if let existing, existing.st_uid != 0 {
            return ServerAccount(name: "user \(existing.st_uid)", userID: existing.st_uid, groupID: existing.st_gid, mustSwitch: true)
        }
        for name in unprivilegedNames {
            if let account = named(name) { return account }
        }
        throw .programMissing(program: "an unprivileged account", remedy: "run as a user other than root, or create the user nobody")
    }

    private static func named(_ name: String) -> ServerAccount? {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        var found: UnsafeMutablePointer<passwd>?
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return ServerAccount(name: name, userID: entry.pw_uid, groupID: entry.pw_gid, mustSwitch: true)
    }

    /// The words that go before a command so that it runs as this account in the same process.
    ///
    /// Source: setpriv(1), part of util-linux, which Debian marks essential.
    var commandPrefix: [String] {
        guard mustSwitch else { return [] }
        return ["/usr/bin/setpriv", "--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--"]
    }

    /// Gives a file or folder of ours to this account.
    func takeOwnership(of path: String) throws(LocalServerError) {
        guard mustSwitch else { return }
        guard lchown(path, userID, groupID) == 0 else { throw Files.writeError(path, errno) }
    }

    /// Creates a folder, 0700, that this account owns.
    func createFolder(_ path: String) throws(LocalServerError) {
        guard !Files.exists(path) else { return }
        try Files.createFolder(path, mode: 0o700)
        try takeOwnership(of: path)
    }

    /// Checks that every folder down to `folder` lets this account pass, since a server's own message for that is a riddle.
    func checkReach(of folder: String) throws(LocalServerError) {
        guard mustSwitch else { return }
        var path = folder
        while true {
            var found = stat()
            // stat, not lstat: where a link points is what counts.
            if stat(path, &found) == 0 {
                let bit: mode_t = found.st_uid == userID ? S_IXUSR : found.st_gid == groupID ? S_IXGRP : S_IXOTH
                guard found.st_mode & bit != 0 else { throw .folderNotReachable(folder: folder, blockedAt: path, account: name) }
            }
            if path == "/" { return }
            path = Files.parent(of: path)
        }
    }
}
