package import Vocabulary

/// A moment of one entity's past: it divides the entity's events into those that had happened and those that had not.
package enum Moment: Hashable, Sendable {
    /// After everything that has happened.
    case now
    /// Events recorded at this time or before, by the database's clock. A time to come is now.
    case time(Timestamp)
    /// Events up to this position of the entity's slice.
    case position(Int64)
    /// The entity's first events, as many.
    case version(StreamVersion)

    func includes(_ event: EventStamp) -> Bool {
        switch self {
        case .now: true
        case .time(let time): event.recordedAt <= time
        case .position(let position): event.position.position <= position
        case .version(let version): event.version <= version
        }
    }

    /// Events worth reading in one page after `version`: one more than the moment includes, as far as that is known.
    func pageLimit(after version: StreamVersion) -> Int {
        guard case .version(let last) = self else { return Limits.eventsPerPage }
        return min(max(Int(last.number) - Int(version.number), 0) + 1, Limits.eventsPerPage)
    }
}

extension Moment: CustomStringConvertible {
    /// The text form: `now`, a time as RFC 3339 has it, `position:12` or `version:3`.
    package var description: String {
        switch self {
        case .now: "now"
        case .time(let time): "\(time)"
        case .position(let position): "position:\(position)"
        case .version(let version): "version:\(version)"
        }
    }

    /// Answers nil for anything that is not a text form; positions and versions count from 1.
    package init?(_ text: String) {
        if text == "now" {
            self = .now
        } else if text.hasPrefix("position:"), let position = Int64(text.dropFirst("position:".count)), position > 0 {
            self = .position(position)
        } else if text.hasPrefix("version:"), let version = Int32(text.dropFirst("version:".count)), version > 0 {
            self = .version(StreamVersion(version))
        } else if let time = Timestamp(text) {
            self = .time(time)
        } else {
            return nil
        }
    }
}
