-- Where the slices end whose epochs are those given: position, time and hash of the newest event, and this server's time.
--
-- Locks their heads first, which waits for a call that may still run on a broken connection; the reading has a younger snapshot.
create or replace function read_heads(slices int2[], epochs int8[])
returns table (slice int2, pos int8, last_at timestamptz, clock timestamptz, chain_hash bytea) language plpgsql as $$
#variable_conflict use_column
begin
  perform from slice_head head join unnest(slices, epochs) as s(slice, epoch) on head.slice = s.slice and head.epoch = s.epoch
    order by head.slice for no key update of head;
  return query
    select head.slice, newest.pos, newest.last_at, clock_timestamp(),
           (select e.chain_hash from events e where e.slice = head.slice and e.pos = newest.pos limit 1)
    from slice_head head join unnest(slices, epochs) as s(slice, epoch) on head.slice = s.slice and head.epoch = s.epoch
    cross join lateral (
      select logged.pos, logged.last_at from slice_log logged where logged.slice = head.slice order by logged.pos desc limit 1) newest;
end $$;
