-- Notices that the database is not the one that was here at the last start but a copy of it, restored from a dump, and begins another history
-- then. A standby that took over is no copy: it is the same server, and the same database. Answers whether it is a copy.
create or replace function settle_history() returns boolean language plpgsql as $$
declare
  here record;
begin
  select c.system_identifier, d.oid as database_oid into here
    from pg_control_system() c, pg_database d where d.datname = current_database();
  insert into log_identity (system_identifier, database_oid) values (here.system_identifier, here.database_oid) on conflict do nothing;
  update log_identity i set system_identifier = here.system_identifier, database_oid = here.database_oid
    where (i.system_identifier, i.database_oid) is distinct from (here.system_identifier, here.database_oid);
  if not found then
    return false;
  end if;
  update slice_head set history = named.history from (select gen_random_uuid() as history) named;
  return true;
end $$;
