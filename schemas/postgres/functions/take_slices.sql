-- Makes the caller the owner of all slices: every epoch grows by one, so whoever wrote under an older one is fenced from here on.
-- Creates the rows that a new database lacks. Answers the epochs.
create or replace function take_slices() returns table (slice int2, epoch int8) language plpgsql as $$
#variable_conflict use_column
declare
  new_history uuid := gen_random_uuid();
begin
  insert into slice_head (slice, epoch, history) select n, 0, new_history from generate_series(0, 255) as n on conflict do nothing;
  -- In the order in which appends lock them; this waits for the append that runs.
  perform from slice_head order by slice for no key update;
  insert into slice_log (slice, pos, last_at)
    select head.slice, 0, timestamptz 'epoch' from slice_head head
    where not exists (select from slice_log logged where logged.slice = head.slice);
  return query update slice_head set epoch = epoch + 1 returning slice, epoch;
end $$;
