import Glibc

/// The folder that holds everything an installation keeps on disk.
package enum DataFolder {
    /// `FASTN_DATA` when it is set, else the usual place.
    package static func path(environment: [String: String]) -> String {
        environment["FASTN_DATA"].flatMap { $0.isEmpty ? nil : $0 } ?? defaultPath(environment: environment)
    }

    /// `/var/lib/fastn` for root, else `fastn` in the user's data folder. Sources: FHS 3.0 section 5.8; XDG Base Directory Specification 0.8.
    package static func defaultPath(environment: [String: String]) -> String { defaultPath(isRoot: geteuid() == 0, environment: environment) }

    static func defaultPath(isRoot: Bool, environment: [String: String]) -> String {
        if isRoot { return "/var/lib/fastn" }
        // A relative path there is to be ignored, says the specification.
        if let folder = environment["XDG_DATA_HOME"], folder.hasPrefix("/") { return "\(folder)/fastn" }
        return "\(environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home())/.local/share/fastn"
    }

    /// What the system's list of users says, for processes that were started without an environment.
    private static func home() -> String {
        guard let user = getpwuid(getuid()), let folder = user.pointee.pw_dir else { return "." }
        return String(cString: folder)
    }
}
