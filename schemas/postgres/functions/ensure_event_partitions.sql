-- Creates the partitions of the log that are missing: the lasting one, and one a month from last month to `months_ahead` from now.
--
-- Last month too, since an id made before midnight may be stored after it. Each is made as a table of its own and then attached:
-- to create it as a partition would lock out the whole log meanwhile. Statement triggers and row security are not inherited.
create or replace function ensure_event_partitions(months_ahead int4) returns int4 language plpgsql as $$
declare
  wanted record;
  created int4 := 0;
begin
  -- Two processes must not create the same table; released at the end of the transaction.
  perform pg_advisory_xact_lock(hashtextextended('fastn.event_partitions', 0));
  for wanted in
    select 'events_lasting' as name, date '-infinity' as era
    union all
    select to_char(month, '"events_"YYYY_MM'), month::date
    from generate_series(date_trunc('month', now() at time zone 'UTC') - interval '1 month',
                         date_trunc('month', now() at time zone 'UTC') + months_ahead * interval '1 month', interval '1 month') as month
  loop
    continue when to_regclass(wanted.name) is not null;
    execute format('create table %I (like events including defaults)', wanted.name);
    execute format('alter table events attach partition %I for values in (%L)', wanted.name, wanted.era);
    execute format('alter table %I enable row level security, force row level security', wanted.name);
    execute format('create trigger events_are_append_only before update or delete or truncate on %I
      for each statement execute function refuse_change_of_events()', wanted.name);
    created := created + 1;
  end loop;
  return created;
end $$;
