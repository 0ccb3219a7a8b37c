-- Makes `me` the owner of those of the wanted slices whose lease is free or has run out; answers them with their new epochs.
--
-- A lease that somebody else is changing is left alone. The head's lock waits for the append that runs; whoever wrote under an older epoch
-- is fenced from the commit on.
create or replace function acquire_slices(me uuid, wanted int2[], seconds float8) returns table (slice int2, epoch int8) language plpgsql as $$
#variable_conflict use_column
declare
  taken int2[];
begin
  with free as (
    select slice from slice_lease
    where slice = any (wanted) and (owner is null or owner = me or expires_at < clock_timestamp())
    order by slice for update skip locked),
  leased as (
    update slice_lease set owner = me, epoch = slice_lease.epoch + 1, expires_at = clock_timestamp() + seconds * interval '1 s'
    from free where slice_lease.slice = free.slice returning slice_lease.slice)
  select coalesce(array_agg(slice), '{}') into taken from leased;
  perform from slice_head where slice = any (taken) order by slice for no key update;
  return query
    update slice_head set epoch = lease.epoch from slice_lease lease
    where lease.slice = slice_head.slice and slice_head.slice = any (taken)
    returning slice_head.slice, slice_head.epoch;
end $$;
