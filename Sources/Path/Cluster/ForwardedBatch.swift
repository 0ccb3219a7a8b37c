import EventSourcing
import Vocabulary

/// A batch as it travels to the owner of its slice.
struct ForwardedBatch: Codable, Sendable {
    struct Event: Codable, Sendable {
        let id: EventID
        let type: String
        let schema: Int16
        let codec: Int16
        let body: [UInt8]
        /// JSON of what stands in the place of data once it is erased; nil when nothing of it is somebody's.
        let stubs: [UInt8]?
        /// The place of its meta in the batch's list: events of one command share theirs.
        let meta: Int
    }

    struct Work: Codable, Sendable {
        /// Nil when the job is done.
        let kind: String?
        let lane: Int16
        /// Microseconds since 1970; nil at once.
        let due: Int64?
    }

    struct Name: Codable, Sendable {
        let scope: TenantID
        let kind: String
        let key: String
    }

    struct Value: Codable, Sendable {
        let scope: StateScopeID
        let key: String
        let bytes: [UInt8]?
        let expires: Int64?
    }

    let tenant: TenantID
    let stream: StreamID
    let category: String
    /// Days since 1970 of the month's first; nil for streams that last.
    let era: Int64?
    /// -1 for any version.
    let expected: Int32
    let events: [Event]
    /// JSON.
    let metas: [[UInt8]]
    let work: Work?
    let marks: [String]
    let claims: [Name]
    let releases: [Name]
    let values: [Value]
    let dataKey: DataKeyID?
}

extension ForwardedBatch {
    init(_ batch: AppendBatch) {
        var metas: [EventMeta] = []
        events = batch.events.map { event in
            if metas.last != event.meta { metas.append(event.meta) }
            let form = event.form
            return Event(
                id: event.id, type: form.type, schema: form.schema, codec: form.codec.rawValue, body: form.payload,
                stubs: form.stubs.map { JSONValue.object($0).encoded }, meta: metas.count - 1)
        }
        self.metas = metas.map(\.encoded)
        tenant = batch.address.tenant
        stream = batch.address.stream
        category = batch.address.category.name
        era = if case .month(let day) = batch.address.era { day.daysSince1970 } else { nil }
        expected =
            switch batch.expected {
            case .none: 0
            case .exactly(let version): version.number
            case .any: -1
            }
        work = batch.work.map(Work.init)
        marks = batch.marks
        claims = batch.reservations.map(Name.init)
        releases = batch.releases.map(Name.init)
        values = batch.stateWrites.map { Value(scope: $0.scope, key: $0.key, bytes: $0.value, expires: $0.expires?.microseconds) }
        dataKey = batch.dataKey
    }

    /// The batch; nil when a node of another release has sent what this one does not know.
    var batch: AppendBatch? {
        let metas = metas.compactMap { bytes in
            // Bytes that are no JSON (try?) are as good as those that are no meta.
            try? EventMeta(stored: bytes)
        }
        let address = StreamAddress(
            tenant: tenant, stream: stream, category: Category(category), era: era.map { .month(CalendarDay(daysSince1970: $0)) } ?? .lasting)
        let events = events.compactMap { event -> NewEvent? in
            guard metas.indices.contains(event.meta), let codec = PayloadCodec(rawValue: event.codec),
                // What cannot be read (try?) is left out, and then the counts differ.
                let form = try? StoredForm(type: event.type, schema: event.schema, codec: codec, payload: event.body)
            else { return nil }
            // Neither can stubs that are no JSON (try?).
            let stubs = event.stubs.flatMap { (try? JSONValue(parsing: $0))?.object }
            guard (stubs == nil) == (event.stubs == nil) else { return nil }
            let whole = StoredForm(form.type, schema: form.schema, form.head, attachment: form.attachment, stubs: stubs)
            return NewEvent(id: event.id, form: whole, meta: metas[event.meta])
        }
        guard events.count == self.events.count, metas.count == self.metas.count else { return nil }
        let version: ExpectedVersion = expected < 0 ? .any : expected == 0 ? .none : .exactly(StreamVersion(expected))
        var batch = AppendBatch(address: address, expected: version, events: events)
        if let work {
            guard let order = work.order else { return nil }
            batch.work = order
        }
        batch.dataKey = dataKey
        batch.marks = marks
        batch.reservations = claims.map(\.reservation)
        batch.releases = releases.map(\.reservation)
        batch.stateWrites = values.map {
            StateWrite(scope: $0.scope, key: $0.key, value: $0.bytes, expires: $0.expires.map(Timestamp.init(microseconds:)))
        }
        return batch
    }
}

extension ForwardedBatch.Work {
    fileprivate init(_ order: WorkOrder) {
        switch order {
        case .asks(let kind, let lane, let due): self.init(kind: kind.rawValue, lane: lane.rawValue, due: due?.microseconds)
        case .done: self.init(kind: nil, lane: Lane.p1.rawValue, due: nil)
        }
    }

    fileprivate var order: WorkOrder? {
        guard let kind else { return .done }
        guard let kind = WorkKind(rawValue: kind), let lane = Lane(rawValue: lane) else { return nil }
        return .asks(kind, lane, due: due.map(Timestamp.init(microseconds:)))
    }
}

extension ForwardedBatch.Name {
    fileprivate init(_ reservation: Reservation) { self.init(scope: reservation.scope, kind: reservation.kind, key: reservation.key) }

    fileprivate var reservation: Reservation { Reservation(scope: scope, kind: kind, key: key) }
}
