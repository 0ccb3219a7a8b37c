import Glibc

/// The number of a process.
package typealias ProcessID = Int32

/// The processes of this machine. Source: proc(5).
package enum ProcessTable {
    /// Processes whose working folder is `folder` or lies below it.
    package static func working(inside folder: String) -> [ProcessID] {
        all.filter { process in
            let place = link("/proc/\(process)/cwd")
            return place == folder || place?.hasPrefix("\(folder)/") == true
        }
    }

    /// Children of a process that run a program of that name; of one that has ended there are none.
    package static func children(of parent: ProcessID, named name: String) -> [ProcessID] {
        all.filter { process in
            // The name in field 2 may hold blanks and brackets, so fields are counted from its closing bracket.
            let line = Files.text("/proc/\(process)/stat")
            guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")") else { return false }
            let fields = line[line.index(after: close)...].split(separator: " ")
            return fields.count > 1 && fields[0] != "Z" && ProcessID(fields[1]) == parent && line[line.index(after: open)..<close] == name
        }
    }

    /// The name of the program that a process runs; nil when it has ended.
    static func program(of process: ProcessID) -> String? { link("/proc/\(process)/exe")?.split(separator: "/").last.map(String.init) }

    /// Whether a process runs, other than as one that has ended and waits to be collected.
    package static func isRunning(_ process: ProcessID) -> Bool {
        let line = Files.text("/proc/\(process)/stat")
        guard let bracket = line.lastIndex(of: ")") else { return false }
        return line[line.index(after: bracket)...].split(separator: " ").first.map { $0 != "Z" && $0 != "X" } ?? false
    }

    private static var all: [ProcessID] { Files.names(in: "/proc").compactMap { ProcessID($0) } }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path, &buffer, buffer.count)
        guard length >= 0 else { return nil }
        let target = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        // What a program's file is called whose name was given to another since, as a new build does.
        return target.hasSuffix(" (deleted)") ? String(target.dropLast(" (deleted)".count)) : target
    }
}
