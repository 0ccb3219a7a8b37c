import DriverThreads
import Glibc

/// A folder below `/tmp` for the data of servers, with a shell that looks after it.
///
/// When the folder is released, or the test process ends, however it ends, the shell sees its standard input end, kills every process
/// that works inside the folder and deletes it. Nothing here needs to be called at the end.
package final class ScratchFolder: Sendable {
    /// Absolute, and open to the unprivileged accounts that servers run as.
    package let path: String
    /// Closing it tells the shell.
    private let leash: Int32

    private static let keeper = """
        read -r folder
        cat >/dev/null
        inside() {
            for process in /proc/[0-9]*; do
                case "$(readlink "$process/cwd")" in "$folder"|"$folder"/*) echo "${process#/proc/}";; esac
            done
        }
        for process in $(inside); do case "$(readlink "/proc/$process/exe")" in */fastn|*/fastn-sandbox) kill -KILL "$process";; esac; done
        for signal in QUIT QUIT KILL KILL; do
            processes=$(inside)
            [ -n "$processes" ] || break
            kill -"$signal" $processes
            for _ in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(inside)" ] && break; sleep 0.2; done
        done
        rm -rf "$folder"
        """

    /// Makes the folder and starts its shell.
    package init() throws {
        var template = Array("/tmp/fastn-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw KitError("no folder can be made in /tmp (error \(errno))") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        chmod(path, 0o755)
        var ends: [Int32] = [-1, -1]
        // Without SOCK_CLOEXEC every later child would hold the leash too.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw KitError("no pair of sockets can be made (error \(errno))") }
        leash = ends[1]
        try Self.startKeeper(reading: ends[0])
        close(ends[0])
        guard Files.write("\(path)\n", to: leash) else { throw KitError("the keeper of \(path) does not listen") }
    }

    deinit { close(leash) }

    /// The path of an entry.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a file that holds `text`; answers its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        try Files.write(text, to: path(name))
        return path(name)
    }

    /// Ids of the processes that work inside the folder, the servers of a `fastn` among them.
    package var processes: [ProcessID] { ProcessTable.working(inside: path) }

    /// Kills those of its processes that run a program of that name, as a power failure would.
    package func kill(_ program: String) { kill(program, inside: path) }

    /// The same for those that work below one of its folders.
    package func kill(_ program: String, inside folder: String) {
        for process in ProcessTable.working(inside: folder) where ProcessTable.program(of: process) == program { Glibc.kill(process, SIGKILL) }
    }

    private static func startKeeper(reading input: Int32) throws {
        let shell = "/bin/sh"
        _ = try ProcessStart(
            [shell, "-c", keeper], environment: ["PATH=/usr/bin:/bin"], descriptors: [(childs: 0, source: .descriptor(input))]
        ).spawn(shell)
    }
}
