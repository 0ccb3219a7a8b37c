import Cryptography
package import EventSourcing
import Glibc
import Vocabulary

/// The system's clock and random numbers.
package enum SystemIDs {
    package static let source = ClosureIDSource(clock: now, random: { numbers.next() })

    private static let numbers = RandomNumbers()

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

/// The folder of the running executable, where `fastn-sandbox` lies beside it.
package enum ProgramFolder {
    /// Links followed, without a slash at the end. Source: proc(5), "/proc/pid/exe".
    package static var path: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        let program = String(decoding: buffer.prefix(max(length, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return String(program[..<(program.lastIndex(of: "/") ?? program.startIndex)])
    }
}
