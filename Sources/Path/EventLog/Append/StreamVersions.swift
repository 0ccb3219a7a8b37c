import EventSourcing
import Vocabulary

/// The versions at which a writer left streams, so that the database need not look them up: the newest ones, at most so many.
///
/// They hold as long as the writer's slices end where it left them.
struct StreamVersions {
    /// Streams of each half: some hundred kilobytes, far more than are appended to while a caller thinks.
    private static let limit = 4096

    /// What tells streams apart in the database.
    private struct Key: Hashable {
        let slice: Slice
        let stream: StreamID
        let era: Era

        init(_ address: StreamAddress) { (slice, stream, era) = (address.slice, address.stream, address.era) }
    }

    /// Those that were appended to since the others were put aside.
    private var recent: [Key: StreamVersion] = [:]
    private var older: [Key: StreamVersion] = [:]

    func version(of address: StreamAddress) -> StreamVersion? {
        let key = Key(address)
        return recent[key] ?? older[key]
    }

    mutating func note(_ address: StreamAddress, at version: StreamVersion) {
        if recent.count >= Self.limit { (older, recent) = (recent, [:]) }
        recent[Key(address)] = version
    }
}
