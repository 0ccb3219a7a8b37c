-- Read models: what the API, the dashboard and the stages look things up in. All of it is derived from the log and can be thrown away.
--
-- Each projection's tables are made by a function, because they are made twice: here, and beside the live ones when the projection is
-- rebuilt. Documents are bytea with JSON text: jsonb refuses the escape \u0000, which customers' payloads may hold.

-- Reader sees one tenant, or one space with its customers; system sees all. Settings that are empty or missing show nothing.
create function protect_read_model(model regclass, is_public bool) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', model);
  execute format('alter table %s force row level security', model);
  execute format('create policy system_all on %s to fastn_system using (true) with check (true)', model);
  execute format('grant select, insert, update, delete on %s to fastn_system', model);
  if is_public then
    execute format(
      'create policy reader_scope on %s for select to fastn_reader using ('
      'tenant_id = (select nullif(current_setting(''fastn.tenant'', true), '''')::uuid) '
      'or space_id = (select nullif(current_setting(''fastn.space'', true), '''')::uuid))', model);
    execute format('grant select on %s to fastn_reader', model);
  end if;
end $$;

-- Streams that a projection has put aside because it could not apply one of their events; that event and all later ones of the stream wait in the
-- log.
create table parked_streams (
  projection text not null,
  slice      int2 not null,
  stream_id  uuid not null,
  tenant_id  uuid not null,
  category   text not null,
  era        date not null,
  pos        int8 not null,
  version    int4 not null,
  type       text not null,
  reason     text not null,
  parked_at  timestamptz not null default clock_timestamp(),
  primary key (projection, slice, stream_id)
);
select protect_read_model('parked_streams', false);

create function create_catalog_tables() returns void language plpgsql as $$
begin
  create table spaces (
    space_id uuid primary key, tenant_id uuid not null, name text not null, created_at timestamptz not null, slice int2 not null, pos int8 not null);
  create table tenants (
    tenant_id uuid primary key, space_id uuid not null, name text not null, external_id text, created_at timestamptz not null,
    slice int2 not null, pos int8 not null);
  create index on tenants (space_id, created_at, tenant_id);
  create index on tenants (space_id, external_id) where external_id is not null;
  create table api_keys (
    key_id uuid primary key, tenant_id uuid not null, space_id uuid not null, name text not null, kind text not null, digest text not null unique,
    created_at timestamptz not null, revoked_at timestamptz, slice int2 not null, pos int8 not null);
  create table workflows (
    workflow_id uuid primary key, tenant_id uuid not null, space_id uuid not null, slug text not null, name text not null,
    description bytea not null, tier text not null, timeout_seconds int4 not null, retry bytea not null, language text not null,
    code bytea not null, revision int4 not null, current_version int4, is_enabled bool not null, is_archived bool not null,
    status text not null generated always as (
      case when is_archived then 'archived' when current_version is null then 'draft' when is_enabled then 'active' else 'disabled' end) stored,
    created_at timestamptz not null, updated_at timestamptz not null, slice int2 not null, pos int8 not null);
  create index on workflows (tenant_id, created_at, workflow_id);
  create index on workflows (space_id, created_at, workflow_id);
  create index on workflows (tenant_id, slug);
  create table workflow_versions (
    workflow_id uuid not null, number int4 not null, tenant_id uuid not null, space_id uuid not null, hash text not null, language text not null,
    tier text not null, timeout_seconds int4 not null, retry bytea not null, code bytea not null, script bytea not null,
    source_map bytea not null, published_at timestamptz not null, published_by text not null, slice int2 not null, pos int8 not null,
    primary key (workflow_id, number));
  create index on workflow_versions (hash);
  create table triggers (
    trigger_id uuid primary key, tenant_id uuid not null, space_id uuid not null, environment text not null, name text not null,
    scheme text not null, specification bytea not null, is_enabled bool not null, created_at timestamptz not null, updated_at timestamptz not null,
    slice int2 not null, pos int8 not null);
  create index on triggers (tenant_id, created_at, trigger_id);
  create index on triggers (space_id, created_at, trigger_id);
  create table connections (
    connection_id uuid primary key, tenant_id uuid not null, space_id uuid not null, environment text not null, name text not null,
    connector text not null, auth bytea not null, allowed_hosts bytea not null, secret_id uuid, created_at timestamptz not null,
    updated_at timestamptz not null, slice int2 not null, pos int8 not null);
  create index on connections (tenant_id, created_at, connection_id);
  create index on connections (space_id, created_at, connection_id);
  create index on connections (tenant_id, name);
  create table secrets (
    tenant_id uuid not null, name text not null, space_id uuid not null, environment text not null, secret_id uuid not null,
    created_at timestamptz not null, updated_at timestamptz not null, slice int2 not null, pos int8 not null, primary key (tenant_id, name));
  create index on secrets (tenant_id, created_at, secret_id);
  create index on secrets (space_id, created_at, secret_id);
  perform protect_read_model(name::regclass, is_public)
  from (values ('spaces', true), ('tenants', true), ('api_keys', false), ('workflows', true), ('workflow_versions', true), ('triggers', true),
    ('connections', true), ('secrets', true)) as model(name, is_public);
end $$;

create function create_executions_tables() returns void language plpgsql as $$
begin
  -- No index holds a column that changes, so that progress is written in place.
  create table executions (
    execution_id uuid primary key, tenant_id uuid not null, space_id uuid not null, environment text not null, workflow_id uuid not null,
    slug text not null, version int4 not null, tier text not null, event_id uuid not null, trigger_id uuid, triggered_by text not null,
    requested_at timestamptz not null, status text not null, attempts int4 not null, is_cancel_requested bool not null, waiting_reason text,
    waiting_since timestamptz, started_at timestamptz, ended_at timestamptz, error bytea, output bytea, data_key uuid, slice int2 not null,
    pos int8 not null
  ) with (fillfactor = 70);
  create index on executions (tenant_id, requested_at, execution_id);
  create index on executions (space_id, requested_at, execution_id);
  create index on executions (workflow_id, requested_at, execution_id);
  create index on executions (event_id);
  -- Whose data it is, where that is not the tenant.
  create index on executions (data_key) where data_key is not null;
  create table execution_steps (
    execution_id uuid not null, attempt int4 not null, step int4 not null, tenant_id uuid not null, space_id uuid not null,
    operation text not null, connector text, action text, connection text, input bytea not null, output bytea, error bytea,
    started_at timestamptz, duration_us int8, slice int2 not null, pos int8 not null, primary key (execution_id, attempt, step)
  ) with (fillfactor = 85);
  create table execution_logs (
    execution_id uuid not null, pos int8 not null, line int4 not null, tenant_id uuid not null, space_id uuid not null,
    level text not null, text bytea not null, at timestamptz not null, slice int2 not null, primary key (execution_id, pos, line));
  perform protect_read_model(name::regclass, true) from (values ('executions'), ('execution_steps'), ('execution_logs')) as model(name);
end $$;

create function create_events_tables() returns void language plpgsql as $$
begin
  -- The body stays in the log and is read there when one event is shown.
  create table received_events (
    event_id uuid primary key, tenant_id uuid not null, space_id uuid not null, environment text not null, kind text not null, trigger_id uuid,
    received_at timestamptz not null, headers bytea not null, query text, body_bytes int4 not null, content_type text, status text not null,
    source text, type text, idempotency_key text, routes bytea, data_key uuid, slice int2 not null, pos int8 not null
  ) with (fillfactor = 70);
  create index on received_events (tenant_id, received_at, event_id);
  create index on received_events (space_id, received_at, event_id);
  create index on received_events (trigger_id, received_at, event_id);
  create index on received_events (data_key) where data_key is not null;
  perform protect_read_model('received_events', true);
end $$;

create function create_audit_tables() returns void language plpgsql as $$
begin
  create table audit_log (
    entry_id uuid primary key, tenant_id uuid not null, space_id uuid not null, environment text not null, recorded_at timestamptz not null,
    actor_type text not null, actor_id text not null, on_behalf_of text, action text not null, resource_type text not null,
    resource_id text not null, outcome text not null, reason text, correlation_id uuid not null, slice int2 not null, pos int8 not null);
  create index on audit_log (tenant_id, recorded_at, entry_id);
  create index on audit_log (space_id, recorded_at, entry_id);
  create index on audit_log (resource_id, recorded_at, entry_id);
  -- Whose customer a tenant is, as far as this projection has read: it must not depend on how far another one is.
  create table audit_tenants (tenant_id uuid primary key, space_id uuid not null);
  perform protect_read_model('audit_log', true), protect_read_model('audit_tenants', false);
end $$;

create function create_usage_tables() returns void language plpgsql as $$
begin
  create table usage_daily (
    tenant_id uuid not null, day date not null, space_id uuid not null, events int8 not null, executions int8 not null,
    run_seconds numeric(20, 6) not null, slice int2 not null, pos int8 not null, primary key (tenant_id, day)
  ) with (fillfactor = 50);
  create index on usage_daily (space_id, day, tenant_id);
  -- Runs that have not ended, and since when their current attempt works.
  create table usage_runs (run_id uuid primary key, tenant_id uuid not null, space_id uuid not null, working_since timestamptz)
    with (fillfactor = 50);
  perform protect_read_model('usage_daily', true), protect_read_model('usage_runs', false);
end $$;

select create_catalog_tables(), create_executions_tables(), create_events_tables(), create_audit_tables(), create_usage_tables();

-- Moves a projection's checkpoints from where its reader found them, in the transaction of the rows that it writes; refuses with FN001 when
-- somebody else moved one, so that every event takes effect once however many readers there are.
create function advance_checkpoints(
  wanted text, fold_version int4, known_revision int4, slices int2[], old_positions int8[], new_positions int8[])
returns void language plpgsql as $$
declare step record;
begin
  -- In order, or two readers could lock each other out. One by one, each by its key: joined to a set of steps the whole table would be read.
  for step in select s.slice, s.old_pos, s.new_pos from unnest(slices, old_positions, new_positions) as s(slice, old_pos, new_pos) order by 1 loop
    update checkpoints c set pos = step.new_pos, updated_at = clock_timestamp()
    where c.projection = wanted and c.version = fold_version and c.slice = step.slice and c.pos = step.old_pos and c.revision = known_revision;
    if not found then
      raise exception 'a checkpoint of % was moved by another reader', wanted using errcode = 'FN001';
    end if;
  end loop;
end $$;

-- Makes the tables of a projection once more, in a schema of their own with checkpoints at the beginning of the log, and answers the search path
-- under which they are filled. A build of the same version that was interrupted is continued, one of another version thrown away.
--
-- Definer's rights, here and below, because the roles that work with the tables may own none.
create function begin_rebuild(wanted text, fold_version int4) returns text
language plpgsql security definer set search_path from current as $$
declare
  building text := 'rebuild_' || wanted;
  live_path text := current_setting('search_path');
  building_path text := format('%I, %s', building, live_path);
begin
  perform pg_advisory_xact_lock(hashtext(building));
  if to_regnamespace(building) is not null
    and exists (select from checkpoints c where c.projection = wanted || '.rebuild' and c.version = fold_version) then
    return building_path;
  end if;
  execute format('drop schema if exists %I cascade', building);
  delete from checkpoints c where c.projection = wanted || '.rebuild';
  execute format('create schema %I', building);
  execute format('grant usage on schema %I to fastn_system', building);
  perform set_config('search_path', building_path, true);
  execute format('select %I()', 'create_' || wanted || '_tables');
  insert into checkpoints (projection, version, slice, pos, updated_at)
  select wanted || '.rebuild', fold_version, slice, 0, clock_timestamp() from generate_series(0, 255) as slice;
  return building_path;
end $$;

-- Puts the rebuilt tables and checkpoints in the place of the live ones. The caller holds locks on the checkpoints, has read as far as they say and
-- takes back what was parked, which the new tables have.
create function finish_rebuild(wanted text) returns void
language plpgsql security definer set search_path from current as $$
declare
  building text := 'rebuild_' || wanted;
  live text := current_schema();
  next_revision int4 := coalesce((select max(c.revision) + 1 from checkpoints c where c.projection = wanted), 0);
  model name;
begin
  -- A report that reads for long must not make everybody queue behind this; the caller tries again.
  perform set_config('lock_timeout', '2s', true);
  for model in select relname from pg_class where relnamespace = building::regnamespace and relkind = 'r' order by oid loop
    execute format('drop table %I.%I', live, model);
    execute format('alter table %I.%I set schema %I', building, model, live);
  end loop;
  execute format('drop schema %I', building);
  delete from checkpoints c where c.projection = wanted;
  update checkpoints c set projection = wanted, revision = next_revision where c.projection = wanted || '.rebuild';
end $$;

revoke all on function begin_rebuild, finish_rebuild from public;
grant execute on function begin_rebuild, finish_rebuild to fastn_system;
