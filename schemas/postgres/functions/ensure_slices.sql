-- Makes the rows of slices that a database lacks; nobody owns them yet. `wanted` are those of a region, null is all that no other region has.
create or replace function ensure_slices(wanted int2[]) returns void language plpgsql as $$
declare
  new_history uuid := gen_random_uuid();
begin
  -- Against whoever gives slices to a region meanwhile.
  lock table slice_regions in share row exclusive mode;
  insert into slice_head (slice, epoch, history)
    select n, 0, new_history from generate_series(0, 255) as n
    where n = any (wanted) or wanted is null and not exists (select from slice_regions other where other.slice = n)
    on conflict do nothing;
  insert into slice_log (slice, pos, last_at)
    select head.slice, 0, timestamptz 'epoch' from slice_head head
    where not exists (select from slice_log logged where logged.slice = head.slice)
    on conflict do nothing;
  insert into slice_lease (slice, epoch) select head.slice, head.epoch from slice_head head on conflict do nothing;
end $$;
