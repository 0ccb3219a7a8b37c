import Cryptography
import EventSourcing
import PostgresDriver
import Vocabulary

/// The parallel arrays of `append_events`, in the order of its parameters. Indexes count from 1, as Postgres does.
struct AppendColumns {
    private var slices = (numbers: [Int16](), epochs: [Int64](), heads: [Int64](), times: [Int64](), counts: [Int32]())
    private var batches = Batches()
    private var events = Events()
    private var asked = (batches: [Int32](), kinds: [String](), lanes: [Int16](), due: [Int64?]())
    private var done: [Int32] = []
    private var marks = (batches: [Int32](), keys: [String](), events: [UInt128]())
    private var released = Names()
    private var claimed = Names()
    private var values = Values()

    private struct Batches {
        var slices: [Int32] = []
        var streams: [UInt128] = []
        var tenants: [UInt128] = []
        var categories: [String] = []
        var eras: [PostgresDate] = []
        var expected: [Int32] = []
        var counts: [Int32] = []
        var before: [Int64] = []
        var known: [Int32] = []
    }

    private struct Events {
        var batches: [Int32] = []
        var places: [Int32] = []
        var ids: [UInt128] = []
        var types: [String] = []
        var schemas: [Int16] = []
        var metas: [[UInt8]] = []
        var bodies: [[UInt8]] = []
        var codecs: [Int16] = []
        var hashes: [[UInt8]] = []
    }

    private struct Names {
        var batches: [Int32] = []
        var scopes: [UInt128] = []
        var kinds: [String] = []
        var keys: [String] = []

        mutating func append(_ names: [Reservation], batch: Int32) {
            for name in names {
                batches.append(batch)
                scopes.append(name.scope.bits)
                kinds.append(name.kind)
                keys.append(name.key)
            }
        }

        var isEmpty: Bool { batches.isEmpty }

        var parameters: [PostgresValue] { [.int4s(batches), .uuids(scopes), .texts(kinds), .texts(keys)] }
    }

    private struct Values {
        var batches: [Int32] = []
        var scopes: [UInt128] = []
        var keys: [String] = []
        var bytes: [[UInt8]?] = []
        var expires: [Int64?] = []
    }

    private let hasher: SHA256Hasher
    private var epoch: Int64 = 0
    /// The end of the chain of the slice that was begun last, once all its batches so far are stored.
    private var end = HashChain.Link(position: 0, recordedAt: 0, hash: HashChain.beginning)
    /// The end of its slice's chain after each batch, by place.
    private(set) var ends: [HashChain.Link] = []

    init(_ hasher: SHA256Hasher) { self.hasher = hasher }

    /// The batches that come next are of this slice, the first event at `time`, microseconds since 1970.
    mutating func begin(_ slice: Slice, epoch: Int64, head: HashChain.Link, time: Int64) {
        slices.numbers.append(slice.number)
        slices.epochs.append(epoch)
        slices.heads.append(head.position)
        slices.times.append(time)
        slices.counts.append(0)
        self.epoch = epoch
        end = head
        end.recordedAt = time - 1
    }

    /// Adds a batch to the slice that was begun last; `version` is that of its stream, as far as it is known.
    mutating func append(_ encoded: EncodedBatch, version: StreamVersion?) {
        let batch = encoded.batch
        batches.slices.append(Int32(slices.numbers.count))
        batches.streams.append(batch.address.stream.bits)
        batches.tenants.append(batch.address.tenant.bits)
        batches.categories.append(batch.address.category.name)
        batches.eras.append(batch.address.era.date)
        batches.expected.append(batch.expected.number)
        batches.counts.append(Int32(encoded.events.count))
        batches.before.append(end.position)
        batches.known.append(batch.expected.confirmed(by: version))
        slices.counts[slices.counts.count - 1] += Int32(encoded.events.count)
        let index = Int32(batches.slices.count)
        append(encoded.events, of: encoded.slice, batch: index)
        ends.append(end)
        append(batch.work, batch: index)
        for mark in batch.marks {
            marks.batches.append(index)
            marks.keys.append(mark)
            marks.events.append(encoded.events[0].id.bits)
        }
        released.append(batch.releases, batch: index)
        claimed.append(batch.reservations, batch: index)
        for (write, value) in zip(batch.stateWrites, encoded.values) { append(write, value, batch: index) }
    }

    private mutating func append(_ encoded: [EncodedBatch.Event], of slice: Slice, batch: Int32) {
        for (offset, event) in encoded.enumerated() {
            events.batches.append(batch)
            events.places.append(Int32(offset + 1))
            events.ids.append(event.id.bits)
            events.types.append(event.type)
            events.schemas.append(event.schema)
            events.metas.append(event.meta)
            events.bodies.append(event.body)
            events.codecs.append(event.codec)
            end.append(event.digest, slice: slice, epoch: epoch, recordedAt: end.recordedAt + 1, hasher)
            events.hashes.append(end.hash)
        }
    }

    private mutating func append(_ work: WorkOrder?, batch: Int32) {
        switch work {
        case .asks(let kind, let lane, let due):
            asked.batches.append(batch)
            asked.kinds.append(kind.rawValue)
            asked.lanes.append(lane.rawValue)
            asked.due.append(due?.microseconds)
        case .done: done.append(batch)
        case nil: break
        }
    }

    private mutating func append(_ write: StateWrite, _ value: [UInt8]?, batch: Int32) {
        values.batches.append(batch)
        values.scopes.append(write.scope.bits)
        values.keys.append(write.key)
        values.bytes.append(value)
        values.expires.append(write.expires?.microseconds)
    }

    /// How many parameters say what is appended, and how many there are before the one that says whether ids are looked up.
    static let (eventParameters, allParameters) = (23, 44)

    /// Whether the batches bring events and nothing else.
    var hasEventsAlone: Bool {
        asked.batches.isEmpty && done.isEmpty && marks.batches.isEmpty && released.isEmpty && claimed.isEmpty && values.batches.isEmpty
    }

    /// The parameters that say what is appended.
    var eventValues: [PostgresValue] {
        var all: [PostgresValue] = [
            .int2s(slices.numbers), .int8s(slices.epochs), .int8s(slices.heads), .timestamps(slices.times), .int4s(slices.counts),
        ]
        all += [
            .int4s(batches.slices), .uuids(batches.streams), .uuids(batches.tenants), .texts(batches.categories), .dates(batches.eras),
            .int4s(batches.expected), .int4s(batches.counts), .int8s(batches.before), .int4s(batches.known),
        ]
        all += [
            .int4s(events.batches), .int4s(events.places), .uuids(events.ids), .texts(events.types), .int2s(events.schemas),
            .bytesList(events.metas), .bytesList(events.bodies), .int2s(events.codecs), .bytesList(events.hashes),
        ]
        return all
    }

    /// The parameters that say what else becomes true.
    var otherValues: [PostgresValue] {
        var all: [PostgresValue] = [.int4s(asked.batches), .texts(asked.kinds), .int2s(asked.lanes), .optionalTimestamps(asked.due), .int4s(done)]
        all += [.int4s(marks.batches), .texts(marks.keys), .uuids(marks.events)]
        all += released.parameters + claimed.parameters
        all += [
            .int4s(values.batches), .uuids(values.scopes), .texts(values.keys), .optionalBytesList(values.bytes), .optionalTimestamps(values.expires),
        ]
        return all
    }
}

extension ExpectedVersion {
    /// As `append_events` takes it: n, 0 for none, -1 for any.
    fileprivate var number: Int32 {
        switch self {
        case .none: 0
        case .exactly(let version): version.number
        case .any: -1
        }
    }

    /// A version that is what was expected; -1 for one that must be looked up.
    fileprivate func confirmed(by version: StreamVersion?) -> Int32 {
        guard let version else { return -1 }
        return self == .any || number == version.number ? version.number : -1
    }
}
