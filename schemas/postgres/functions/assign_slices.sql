-- Gives a region that has none its slices: up to `share` of those that live in this database and that nothing was ever written to.
--
-- Whoever owns one loses it: its lease and its head are gone. The locks are taken in the order in which leases are.
create or replace function assign_slices(new_region text, new_database uuid, share int4) returns void language plpgsql as $$
declare
  given int2[];
begin
  lock table slice_regions in share row exclusive mode;
  if exists (select from regions known where known.region = new_region) then
    return;
  end if;
  perform from slice_lease order by slice for update;
  perform from slice_head order by slice for update;
  select coalesce(array_agg(unused.slice), '{}') into given
    from (select head.slice from slice_head head
          where not exists (select from slice_log logged where logged.slice = head.slice and logged.pos > 0)
            and not exists (select from inbox delivered where delivered.slice = head.slice)
          order by head.slice desc limit share) unused;
  delete from slice_lease where slice = any (given);
  delete from slice_head where slice = any (given);
  delete from slice_log where slice = any (given);
  if cardinality(given) > 0 then
    insert into regions (region, database_id) values (new_region, new_database);
  end if;
  insert into slice_regions (slice, region) select slice, new_region from unnest(given) as slice;
end $$;
