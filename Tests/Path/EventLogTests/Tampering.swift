import EventLog
import Vocabulary

/// What somebody with all rights on the database may do to the log.
enum Tampering: String, CaseIterable, Sendable {
    case bodyEdited, metaEdited, timeEdited, tenantEdited, typeEdited, deleted, inserted, swapped, truncated, rewritten, versionEdited
}

/// An entry that is changed; neither the first nor the last two of its slice.
struct TamperedPlace: Sendable {
    let slice: Int16
    let position: Int64
    /// The last position of the slice.
    let end: Int64
}

extension Tampering {
    /// The statements that do it; `$s` is the slice, `$p` the position.
    var script: String {
        switch self {
        case .bodyEdited: "update events set body = set_byte(body, 2, (get_byte(body, 2) + 1) % 256) where slice = $s and pos = $p"
        case .metaEdited: "update events set meta = meta || ' '::bytea where slice = $s and pos = $p"
        case .timeEdited: "update events set recorded_at = recorded_at - interval '1 us' where slice = $s and pos = $p"
        case .tenantEdited: "update events set tenant_id = gen_random_uuid() where slice = $s and pos = $p"
        case .typeEdited: "update events set type = type || 's' where slice = $s and pos = $p"
        case .deleted: "delete from events where slice = $s and pos = $p"
        case .inserted:
            """
            update events set pos = -pos where slice = $s and pos >= $p;
            update events set pos = -pos + 1 where slice = $s and pos < 0;
            insert into events select slice, $p, era, tenant_id, gen_random_uuid(), 1, gen_random_uuid(), type, schema, recorded_at + interval '1 us',
              epoch, meta, body, codec, key_id, sha256('made up') from events where slice = $s and pos = $p - 1
            """
        case .swapped:
            """
            update events set pos = -1 where slice = $s and pos = $p;
            update events set pos = $p where slice = $s and pos = $p + 2;
            update events set pos = $p + 2 where slice = $s and pos = -1
            """
        case .truncated:
            """
            delete from events where slice = $s and pos >= $p;
            delete from slice_log where slice = $s;
            insert into slice_log values ($s, $p - 1, clock_timestamp())
            """
        // How hashes are made is no secret: who may write can make all that follow anew.
        case .rewritten:
            """
            do $$ declare
              entry record;
              hash bytea := (select chain_hash from events where slice = $s and pos = $p - 1);
            begin
              update events set body = set_byte(body, 2, (get_byte(body, 2) + 1) % 256) where slice = $s and pos = $p;
              for entry in select * from events where slice = $s and pos >= $p order by pos loop
                hash := sha256('fastn chain 1' || hash || int2send(entry.slice) || int8send(entry.pos) || int8send(entry.epoch)
                  || int8send((extract(epoch from entry.recorded_at) * 1000000)::int8)
                  || sha256('fastn entry 1' || uuid_send(entry.tenant_id) || uuid_send(entry.stream_id) || date_send(entry.era)
                    || uuid_send(entry.event_id) || int2send(entry.schema) || int2send(entry.codec) || int8send(coalesce(entry.key_id, -1))
                    || int8send(octet_length(entry.type)) || convert_to(entry.type, 'UTF8')
                    || int8send(octet_length(entry.meta)) || entry.meta || int8send(octet_length(entry.body)) || entry.body));
                update events set chain_hash = hash where slice = entry.slice and pos = entry.pos;
              end loop;
            end $$
            """
        case .versionEdited: "update events set version = version + 1000 where slice = $s and pos = $p"
        }
    }

    /// Whether the fault is this change, at this place.
    func isNamed(by fault: LogFault?, at place: TamperedPlace) -> Bool {
        guard let fault, fault.slice?.number == place.slice else { return false }
        switch self {
        case .bodyEdited, .metaEdited, .timeEdited, .tenantEdited, .typeEdited: return fault.kind == .edited && fault.position == place.position
        case .deleted: return fault.kind == .deleted && fault.position == place.position
        case .inserted: return fault.kind == .inserted && fault.position == place.position
        case .swapped: return fault.kind == .reordered && fault.position == place.position
        case .truncated: return fault.kind == .truncated && fault.position == place.position
        case .rewritten: return fault.kind == .rewritten && (fault.position ?? .max) <= place.position
        case .versionEdited: return fault.kind == .misnumbered && fault.position == place.position
        }
    }
}
