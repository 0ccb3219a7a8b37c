import EventSourcing
import Vocabulary

/// The newest events of the busy slices, an unbroken stretch of each.
struct NewestEvents {
    /// About a second of a busy log; what is older is read again.
    static let eventLimit = 4096
    /// Room for the bodies that come with them.
    static let byteLimit = 16 << 20

    private var stretches: [Slice: [RecordedEvent]] = [:]
    private var eventCount = 0
    private var byteCount = 0

    /// Events right after `position`; empty when the first of them is not here.
    func events(of slice: Slice, after position: Int64, limit: Int) -> [RecordedEvent] {
        guard let stretch = stretches[slice], let first = stretch.first?.position.position, position >= first - 1 else { return [] }
        return Array(stretch.dropFirst(Int(position - first + 1)).prefix(limit))
    }

    /// Adds a page that continues the stretch; another page replaces it when it leads further.
    mutating func keep(_ page: [RecordedEvent], of slice: Slice) {
        guard let first = page.first?.position.position, let last = page.last?.position.position else { return }
        let known = stretches[slice]?.last?.position.position ?? 0
        guard last > known else { return }
        // All at once, since an exact order of age would cost more than reading a page again.
        if eventCount + page.count > Self.eventLimit || byteCount > Self.byteLimit { self = NewestEvents() }
        if first != known + 1 { drop(slice) }
        stretches[slice, default: []] += page
        eventCount += page.count
        byteCount += Self.bytes(of: page)
    }

    private mutating func drop(_ slice: Slice) {
        guard let stretch = stretches.removeValue(forKey: slice) else { return }
        eventCount -= stretch.count
        byteCount -= Self.bytes(of: stretch)
    }

    private static func bytes(of events: [RecordedEvent]) -> Int { events.reduce(0) { $0 + ($1.form.attachment?.count ?? 0) } }
}
