import Glibc

/// Holds a data folder for one process; the system gives it back when the process ends, however it ends.
///
/// Source: flock(2). The descriptor closes on exec, so no child holds the lock after us.
package final class FolderLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Takes the lock or throws `folderInUse`; never waits.
    package static func take(folder: String) throws(LocalServerError) -> FolderLock {
        let path = folder + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Files.writeError(path, errno) }
        // From here on the object owns the descriptor and closes it on every path.
        let lock = FolderLock(descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .folderInUse(folder: folder, processID: Files.read(path).flatMap { pid_t($0.filter(\.isNumber)) } ?? 0)
        }
        let text = "\(getpid())\n"
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.utf8.count, 0) == text.utf8.count else {
            throw Files.writeError(path, errno)
        }
        return lock
    }

    deinit {
        // A child that another thread is starting has a copy of the descriptor until its exec; closing ours alone would leave the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
