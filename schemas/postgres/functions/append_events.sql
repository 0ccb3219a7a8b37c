-- Appends batches of events to many streams in many slices: one call, one transaction, an answer for each batch.
--
-- Parameters are parallel arrays. `s` and `b` are indexes from 1 into the slices and batches; `k` counts a batch's events from 1.
-- Slices ascend, batches are ordered by slice and events by batch; a stream has at most one batch in a call.
-- `b_expected` is the version the stream must have: n, 0 for a new stream, -1 for any.
--
-- codes: 0 appended · 1 already stored · 2 fenced: another epoch · 3 moved: another head than the caller knows · 4 conflict: another version
--        5 taken: a name is held by another stream · 6 stored in part or in another order · 7 an id is stored in another stream
--        8 shifted: a batch before it in its slice was not appended, so its hashes are of other positions (send again with new ones)
--        9 repeated: a mark is done · 10 late: `s_time` is not after the slice's last event or not the time of this server (send again)
--        2, 3 and 10 spoil their slice, the others but 8 their batch alone.
-- With 1 and 9 come position, version and time of the batch's first event, with 0 the version before it, with 4 the version the stream
-- has, with each the server's time. What else the caller wants to know of an appended batch it has said itself.
--
-- Times are proposed by the caller, who knows this server's time from its last answer, and checked here: so the hash of an event,
-- which only its writer makes, covers its time too. Event i of a slice gets the slice's time and i microseconds.
--
-- Raises 23505 when an id is stored that nobody looked for (send again with `look_up_ids`), 40001 when a name was raced (send again).
-- There is no exception block: its subtransaction would make every call pay for what is rare.
--
-- Locks: heads by slice, then marks, names and state by key; hence no deadlock between calls. The head's lock serialises the slice, so
-- all checks below are made before anything is written, and what they find cannot change, except for names, which slices share.
--
-- A version that the caller knows is not looked up: under the caller's epoch nobody else appends to the slice, and when the slice ends where
-- the caller left it, each of its streams does.
--
-- Rows are looked up by correlated subqueries on full keys (`limit 1` and `offset 0` keep the planner from turning them into joins): a
-- generic plan made while a table was empty would put that table outside and read it whole for every row, once it has filled.
create or replace function append_events(
  s_slice int2[], s_epoch int8[], s_head int8[], s_time timestamptz[], s_count int4[],
  b_s int4[], b_stream uuid[], b_tenant uuid[], b_category text[], b_era date[], b_expected int4[], b_count int4[],
  b_before int8[],                                                         -- the position before the batch's first event
  b_known int4[],                        -- the stream's version as the caller left it, where that is what `b_expected` says; else -1
  e_b int4[], e_k int4[], e_id uuid[], e_type text[], e_schema int2[], e_meta bytea[], e_body bytea[], e_codec int2[], e_hash bytea[],
  -- Jobs that are wanted (a null due is the time of the append) and jobs that are done.
  ask_b int4[] = '{}', ask_kind text[] = '{}', ask_lane int2[] = '{}', ask_due timestamptz[] = '{}', done_b int4[] = '{}',
  -- Keys that may be done once, with the batch's first event.
  mark_b int4[] = '{}', mark_key text[] = '{}', mark_event uuid[] = '{}',
  -- Names given back, before any is claimed, and names claimed.
  free_b int4[] = '{}', free_scope uuid[] = '{}', free_kind text[] = '{}', free_key text[] = '{}',
  name_b int4[] = '{}', name_scope uuid[] = '{}', name_kind text[] = '{}', name_key text[] = '{}',
  -- State; null bytes delete.
  value_b int4[] = '{}', value_scope uuid[] = '{}', value_key text[] = '{}', value_bytes bytea[] = '{}', value_expires timestamptz[] = '{}',
  look_up_ids boolean = false,
  out codes int4[], out found_position int8[], out found_version int4[], out found_time timestamptz[], out version_before int4[],
  out clock timestamptz
) language plpgsql as $$
#variable_conflict use_column
declare
  slice_code int4[];            -- by slice: 0, 2, 3 or 10
  code int4[];                  -- by batch
  is_refused boolean := false;  -- whether anything was
  is_single constant boolean := cardinality(b_s) = 1;
  locked int8;
  hit record;
  wanted int8;
  claimed int8;
begin
  clock := clock_timestamp();
  found_position := '{}';
  found_version := '{}';
  found_time := '{}';

  -- 1. Lock the heads under our epoch, in order, and only lock them. Then, in a statement of its own, whose snapshot is younger than the
  -- locks: the newest row of slice_log is the head. A lonely batch is spared the joins.
  if is_single then
    perform from slice_head head where head.slice = s_slice[1] and head.epoch = s_epoch[1] for no key update;
    is_refused := not found or not coalesce((
      select logged.pos = s_head[1] and s_time[1] > logged.last_at and s_time[1] >= clock - interval '5 s'
             and s_time[1] <= greatest(clock, logged.last_at) + interval '5 s'
      from slice_log logged where logged.slice = s_slice[1] order by logged.pos desc limit 1), false);
  else
    perform from slice_head head join unnest(s_slice, s_epoch) as s(slice, epoch) on head.slice = s.slice and head.epoch = s.epoch
      order by head.slice for no key update of head;
    get diagnostics locked = row_count;
    select locked <> cardinality(s_slice) or not coalesce(bool_and((
             select logged.pos = s.head and s.time > logged.last_at and s.time >= clock - interval '5 s'
                    and s.time <= greatest(clock, logged.last_at) + interval '5 s'
             from slice_log logged where logged.slice = s.slice order by logged.pos desc limit 1)), true)
      into is_refused
      from unnest(s_slice, s_head, s_time) as s(slice, head, time);
  end if;

  -- 2. The version of each stream, from the index that the insert touches anyway; `streams` is asked only about streams without events.
  -- The lower bound keeps a hot stream's whole history out of the search.
  if cardinality(b_known) > 0 and not -1 = any (b_known) then
    version_before := b_known;
  elsif is_single then
    version_before := array[coalesce(
      (select e.version from events e
       where e.slice = s_slice[1] and e.stream_id = b_stream[1] and e.era = b_era[1] and e.version >= b_expected[1]
       order by e.version desc limit 1),
      (select t.version from streams t where t.slice = s_slice[1] and t.stream_id = b_stream[1]), 0)];
    is_refused := is_refused or b_expected[1] >= 0 and b_expected[1] <> version_before[1];
  else
    select coalesce(array_agg(known.version order by known.i), '{}'),
           is_refused or coalesce(bool_or(known.expected >= 0 and known.expected <> known.version), false)
      into version_before, is_refused
      from (
        select b.i, b.expected, coalesce(
          nullif(b.known, -1),
          (select e.version from events e
           where e.slice = s_slice[b.s] and e.stream_id = b.stream and e.era = b.era and e.version >= b.expected order by e.version desc limit 1),
          (select t.version from streams t where t.slice = s_slice[b.s] and t.stream_id = b.stream), 0) as version
        from unnest(b_s, b_stream, b_era, b_expected, b_known) with ordinality as b(s, stream, era, expected, known, i)
        offset 0) known;
  end if;

  code := array_fill(0, array[cardinality(b_s)]);
  if is_refused then
    select array_agg(case when head.epoch is null then 2 when head.pos <> s.head then 3
                          when s.time <= head.last_at or s.time < clock - interval '5 s'
                               or s.time > greatest(clock, head.last_at) + interval '5 s' then 10 else 0 end order by s.i)
      into slice_code
      from unnest(s_slice, s_epoch, s_head, s_time) with ordinality as s(slice, epoch, head, time, i)
      left join lateral (
        select owned.epoch, newest.pos, newest.last_at
        from slice_head owned
        cross join lateral (
          select logged.pos, logged.last_at from slice_log logged where logged.slice = s.slice order by logged.pos desc limit 1) newest
        where owned.slice = s.slice and owned.epoch = s.epoch) head on true;
    select array_agg(case when slice_code[b.s] <> 0 then slice_code[b.s]
                          when b.expected >= 0 and b.expected <> version_before[b.i] then 4 else 0 end order by b.i)
      into code
      from unnest(b_s, b_expected) with ordinality as b(s, expected, i);
  end if;

  if is_refused or look_up_ids or cardinality(mark_b) > 0 then
    found_position := array_fill(null::int8, array[cardinality(b_s)]);
    found_version := array_fill(null::int4, array[cardinality(b_s)]);
    found_time := array_fill(null::timestamptz, array[cardinality(b_s)]);
  end if;

  -- 3a. Marks that are done.
  if cardinality(mark_b) > 0 then
    for hit in
      select m.b, done.pos, done.version, done.done_at
      from unnest(mark_b, mark_key) as m(b, key)
      cross join lateral (
        select i.pos, i.version, i.done_at from inbox i
        where i.slice = s_slice[b_s[m.b]] and i.tenant_id = b_tenant[m.b] and i.dedup_key = m.key and i.state = 2 limit 1) done
    loop
      if code[hit.b] in (0, 4) then
        code[hit.b] := 9;
        found_position[hit.b] := hit.pos;
        found_version[hit.b] := hit.version;
        found_time[hit.b] := hit.done_at;
        is_refused := true;
      end if;
    end loop;
  end if;

  -- 3b. Ids that are stored, of batches whose version differs; of all when asked. The ids come before the marks then, since a batch
  -- that is sent again after a broken connection finds its own marks done.
  if look_up_ids or is_refused and 4 = any (code) then
    for hit in
      select e.b,
             case when bool_or(stored.stream_id <> b_stream[e.b]) then 7
                  when count(*) < b_count[e.b] or min(stored.version - e.k) <> max(stored.version - e.k) then 6 else 1 end as code,
             min(stored.pos) as pos, min(stored.version) as version, min(stored.recorded_at) as recorded_at
      from unnest(e_b, e_k, e_id) as e(b, k, id)
      cross join lateral (
        select o.stream_id, o.version, o.pos, o.recorded_at from events o
        where o.slice = s_slice[b_s[e.b]] and o.event_id = e.id and o.era = b_era[e.b] limit 1) stored
      where code[e.b] = 4 or look_up_ids and code[e.b] in (0, 9)
      group by e.b
    loop
      code[hit.b] := hit.code;
      found_position[hit.b] := hit.pos;
      found_version[hit.b] := hit.version;
      found_time[hit.b] := hit.recorded_at;
      is_refused := true;
    end loop;
  end if;

  -- 3c. Names held by another stream, or claimed twice in this call.
  if cardinality(name_b) > 0 then
    for hit in
      select n.b
      from (select c.*, row_number() over (partition by c.scope, c.kind, c.key order by c.b) as claim
            from unnest(name_b, name_scope, name_kind, name_key) as c(b, scope, kind, key) where code[c.b] = 0) n
      where n.claim > 1
         or b_stream[n.b] <> (select r.stream_id from reservations r where r.scope = n.scope and r.kind = n.kind and r.key = n.key)
    loop
      code[hit.b] := 5;
      is_refused := true;
    end loop;
  end if;

  -- 3d. Something was refused: the true versions for the answers, and nothing is appended behind it in its slice.
  if is_refused then
    if 4 = any (code) then
      for hit in
        select b.i, (select e.version from events e where e.slice = s_slice[b.s] and e.stream_id = b.stream and e.era = b.era
                     order by e.version desc limit 1) as version
        from unnest(b_s, b_stream, b_era) with ordinality as b(s, stream, era, i) where code[b.i] = 4
      loop
        version_before[hit.i] := coalesce(hit.version, version_before[hit.i]);
      end loop;
    end if;
    select array_agg(case when batch.code = 0 and batch.is_behind then 8 else batch.code end order by batch.i) into code
      from (select b.i, code[b.i] as code, coalesce(bool_or(code[b.i] <> 0)
                          over (partition by b.s order by b.i rows between unbounded preceding and 1 preceding), false) as is_behind
            from unnest(b_s) with ordinality as b(s, i)) batch;
    select array_agg(coalesce(taken.count, 0)::int4 order by s.i) into s_count
      from unnest(s_slice) with ordinality as s(slice, i)
      left join lateral (select sum(b.count) as count from unnest(b_s, b_count) with ordinality as b(s, count, j)
                         where b.s = s.i and code[b.j] = 0) taken on true;
  end if;

  -- 4. Write.
  if 0 = any (code) then
    if 0 = any (version_before) then
      insert into streams (slice, stream_id, tenant_id, category, version, era)
        select s_slice[b.s], b.stream, b.tenant, b.category, 0, b.era
        from unnest(b_s, b_stream, b_tenant, b_category, b_era) with ordinality as b(s, stream, tenant, category, era, i)
        where code[b.i] = 0 and version_before[b.i] = 0;
    end if;

    with logged as (
      insert into slice_log (slice, pos, last_at)
        select s.slice, s.head + s.count, s.time + (s.count - 1) * interval '1 us'
        from unnest(s_slice, s_head, s_time, s_count) as s(slice, head, time, count) where s.count > 0)
    insert into events (slice, pos, era, tenant_id, stream_id, version, event_id, type, schema, recorded_at, epoch, meta, body, codec,
                        chain_hash)
      select s_slice[b_s[e.b]], b_before[e.b] + e.k, b_era[e.b], b_tenant[e.b], b_stream[e.b], version_before[e.b] + e.k,
             e.id, e.type, e.schema, s_time[b_s[e.b]] + (b_before[e.b] + e.k - s_head[b_s[e.b]] - 1) * interval '1 us',
             s_epoch[b_s[e.b]], e.meta, e.body, e.codec, e.hash
      from unnest(e_b, e_k, e_id, e_type, e_schema, e_meta, e_body, e_codec, e_hash) as e(b, k, id, type, schema, meta, body, codec, hash)
      where code[e.b] = 0;

    if cardinality(ask_b) > 0 then
      insert into jobs (slice, stream_id, tenant_id, kind, lane, due)
        select s_slice[b_s[a.b]], b_stream[a.b], b_tenant[a.b], a.kind, a.lane,
               coalesce(a.due, s_time[b_s[a.b]] + (b_before[a.b] - s_head[b_s[a.b]]) * interval '1 us')
        from unnest(ask_b, ask_kind, ask_lane, ask_due) as a(b, kind, lane, due) where code[a.b] = 0
        on conflict (slice, stream_id) do update
          set kind = excluded.kind, lane = excluded.lane, due = excluded.due;
    end if;

    if cardinality(done_b) > 0 then
      -- `for update` inside makes the subquery a barrier for the planner, like `limit` above.
      delete from jobs where ctid = any (array(
        select job.ctid from unnest(done_b) as d(b)
        cross join lateral (select j.ctid from jobs j where j.slice = s_slice[b_s[d.b]] and j.stream_id = b_stream[d.b] for update) job
        where code[d.b] = 0));
    end if;

    if cardinality(mark_b) > 0 then
      insert into inbox (slice, tenant_id, dedup_key, state, event_id, pos, version, done_at)
        select s_slice[b_s[m.b]], b_tenant[m.b], m.key, 2, m.event, b_before[m.b] + 1, version_before[m.b] + 1,
               s_time[b_s[m.b]] + (b_before[m.b] - s_head[b_s[m.b]]) * interval '1 us'
        from unnest(mark_b, mark_key, mark_event) as m(b, key, event) where code[m.b] = 0
        order by 1, 2, 3
        on conflict (slice, tenant_id, dedup_key) do update
          set state = 2, pos = excluded.pos, version = excluded.version, done_at = excluded.done_at,
              type = null, schema = null, meta = null, body = null, codec = null;
    end if;

    if cardinality(free_b) > 0 then
      delete from reservations where ctid = any (array(
        select held.ctid
        from (select * from unnest(free_b, free_scope, free_kind, free_key) as g(b, scope, kind, key) where code[g.b] = 0 order by 2, 3, 4) f
        cross join lateral (
          select r.ctid from reservations r
          where r.scope = f.scope and r.kind = f.kind and r.key = f.key and r.stream_id = b_stream[f.b] for update) held));
    end if;

    if cardinality(name_b) > 0 then
      insert into reservations as held (scope, kind, key, slice, stream_id)
        select n.scope, n.kind, n.key, s_slice[b_s[n.b]], b_stream[n.b]
        from unnest(name_b, name_scope, name_kind, name_key) as n(b, scope, kind, key) where code[n.b] = 0
        order by 1, 2, 3
        on conflict (scope, kind, key) do update set key = excluded.key where held.stream_id = excluded.stream_id;
      get diagnostics claimed = row_count;
      select count(*) into wanted from unnest(name_b) as n(b) where code[n.b] = 0;
      if claimed <> wanted then
        raise exception 'a name was claimed meanwhile' using errcode = '40001';
      end if;
    end if;

    if cardinality(value_b) > 0 then
      -- Of several writes to one key the last one counts. A deletion is a value that has expired, removed by the sweep.
      insert into state_values (scope, key, tenant_id, value, expires_at)
        select distinct on (v.scope, v.key) v.scope, v.key, b_tenant[v.b],
               coalesce(v.bytes, ''), case when v.bytes is null then '-infinity' else v.expires end
        from unnest(value_b, value_scope, value_key, value_bytes, value_expires) with ordinality as v(b, scope, key, bytes, expires, i)
        where code[v.b] = 0
        order by v.scope, v.key, v.i desc
        on conflict (scope, key) do update set tenant_id = excluded.tenant_id, value = excluded.value, expires_at = excluded.expires_at;
    end if;
  end if;
  codes := code;
end $$;
