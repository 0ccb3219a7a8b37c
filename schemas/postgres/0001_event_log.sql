-- The event log, what must become true with its events, and what is kept beside it.
--
-- Every tenant table carries tenant_id and is closed to every role without a policy, its owner included. The service works as
-- fastn_writer (appends, inbox), fastn_system (projections, sweeper) or fastn_reader (reads of one tenant); none owns a table.
-- fastn_reader sees rows of the tenant in the setting fastn.tenant or of the space in fastn.space, which hold for one transaction.

-- The owner of a slice and its fencing token. An append locks the row and changes nothing: a bumped row would keep all its versions
-- for as long as any old snapshot lives, and every append would walk them.
create table slice_head (
  slice   int2 primary key check (slice between 0 and 255),
  epoch   int8 not null,
  -- Changes in a copy that is restored from a dump, and when a loss of acknowledged events is accepted.
  history uuid not null
) with (fillfactor = 20);

-- Which database this is, so that a copy is told from its original: one row.
create table log_identity (
  is_only           boolean primary key default true check (is_only),
  system_identifier int8 not null,
  database_oid      oid not null
);

-- The newest row of a slice is its head: the last position and the last time given out. Older rows are pruned.
create table slice_log (
  slice   int2 not null,
  pos     int8 not null,
  last_at timestamptz not null,
  primary key (slice, pos)
) with (autovacuum_vacuum_insert_scale_factor = 0.5);

-- The processes that serve this database, as their last heartbeat said.
create table nodes (
  node_id       uuid primary key,
  -- Stays over restarts; a process of the same name that starts later supersedes this one.
  name          uuid not null,
  -- Where its API is.
  address       text not null,
  -- Whether it had a connection to the bus, over which the others reach it.
  is_reachable  boolean not null,
  is_superseded boolean not null default false,
  started_at    timestamptz not null default clock_timestamp(),
  expires_at    timestamptz not null
);

-- Who owns a slice until when, by this server's clock; the owner prolongs it with every heartbeat. The epoch is the head's.
create table slice_lease (
  slice      int2 primary key check (slice between 0 and 255),
  epoch      int8 not null,
  owner      uuid,
  expires_at timestamptz not null default '-infinity'
) with (fillfactor = 50);

-- What one node hands to another and is too large for the bus; fetched once, and swept when nobody came for it.
create table parcels (
  parcel_id  uuid primary key,
  body       bytea not null,
  created_at timestamptz not null default clock_timestamp()
);

-- This installation: one row, made by the node that came first, which also makes what an installation begins with.
create table installation (
  is_only    boolean primary key default true check (is_only),
  id         uuid not null default gen_random_uuid(),
  first_node uuid not null,
  -- Tells the key of all secrets; every node must have that key.
  key_id     bytea not null
);

-- One row a stream, written with its first event and never by the appends after it. `version` is 0 while the stream is open; when it is
-- closed, which nothing does so far, it becomes the last version and stays as tombstone, so that an archived stream cannot begin again.
create table streams (
  slice     int2 not null,
  stream_id uuid not null,
  tenant_id uuid not null,
  category  text not null,
  version   int4 not null,
  era       date not null,
  closed    boolean not null default false,
  primary key (slice, stream_id)
);
create index streams_tenant on streams (tenant_id, category);

-- The log. `era` is a function of the stream ('-infinity', or the first day of the month it began in), so that uniqueness inside a
-- partition is uniqueness of the stream. `type` begins with the stream's category. `meta` is JSON, as the bytes that were hashed.
-- `chain_hash` covers the row and all rows of the slice before it; `version` alone is not in it, being the row's rank in its stream.
create table events (
  slice       int2 not null,
  pos         int8 not null,
  era         date not null,
  tenant_id   uuid not null,
  stream_id   uuid not null,
  version     int4 not null,
  event_id    uuid not null,
  type        text not null,
  schema      int2 not null,
  recorded_at timestamptz not null,
  epoch       int8 not null,
  meta        bytea not null,
  body        bytea not null,
  codec       int2 not null,
  key_id      int4,
  chain_hash  bytea not null,
  primary key (slice, pos, era),
  unique (slice, stream_id, version, era),
  unique (slice, event_id, era)
) partition by list (era);

create function refuse_change_of_events() returns trigger language plpgsql as $$
begin
  raise exception 'events are append-only' using errcode = '0A000';
end $$;

create trigger events_are_append_only before update or delete or truncate on events
  for each statement execute function refuse_change_of_events();

-- The one job a stream may have. A row that is due is ready; the append that holds the outcome removes it.
create table jobs (
  slice        int2 not null,
  stream_id    uuid not null,
  tenant_id    uuid not null,
  kind         text not null,
  lane         int2 not null check (lane between 1 and 4),
  due          timestamptz not null,
  primary key (slice, stream_id)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index jobs_due on jobs (lane, due, stream_id);

-- Deliveries on their way into the log (state 0) and keys that are done (state 2), webhooks and command ids alike. A done key
-- keeps where its first event is and nothing of what was delivered.
create table inbox (
  slice       int2 not null,
  tenant_id   uuid not null,
  dedup_key   text not null,
  state       int2 not null check (state in (0, 2)),
  event_id    uuid not null,
  type        text,
  schema      int2,
  meta        bytea,
  body        bytea,
  codec       int2,
  received_at timestamptz not null default clock_timestamp(),
  pos         int8,
  version     int4,
  done_at     timestamptz,
  primary key (slice, tenant_id, dedup_key)
) with (fillfactor = 70);
create index inbox_pending on inbox (received_at) where state = 0;
-- Done keys are forgotten after a while.
create index inbox_done on inbox (done_at) where state = 2;

-- Names that are unique within a scope, across slices.
create table reservations (
  scope     uuid not null,
  kind      text not null,
  key       text not null,
  slice     int2 not null,
  stream_id uuid not null,
  primary key (scope, kind, key)
);

-- The key-value state of workflows; the scope is a tenant, a workflow or a run.
create table state_values (
  scope      uuid not null,
  key        text not null,
  tenant_id  uuid not null,
  value      bytea not null,
  expires_at timestamptz,
  primary key (scope, key)
);
create index state_values_expiry on state_values (expires_at) where expires_at is not null;

-- Secrets, encrypted under a key that is not in the database; key_id tells which. Sealed is nonce, ciphertext and tag.
create table vault (
  secret_id  uuid primary key,
  tenant_id  uuid not null,
  name       text not null,
  sealed     bytea not null,
  key_id     bytea not null,
  created_at timestamptz not null default clock_timestamp()
);

-- How far a version of a projection has read a slice; written in the transaction of the rows it made.
create table checkpoints (
  projection text not null,
  version    int4 not null,
  slice      int2 not null,
  pos        int8 not null,
  -- Changes when parked streams are taken back, so that a reader who would still pass over them is refused. Equal in all slices.
  revision   int4 not null default 0,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (projection, version, slice)
) with (fillfactor = 50);

-- Folded states that save reading a long stream; never part of correctness. A row is used only if its checksum is right and its last
-- event is in the log at that position. Provenance says which event set each field; rows that have it are kept longer.
create table snapshots (
  slice        int2 not null,
  stream_id    uuid not null,
  version      int4 not null,
  tenant_id    uuid not null,
  pos          int8 not null,
  recorded_at  timestamptz not null,
  fold_version int4 not null,
  codec        int2 not null,
  body         bytea not null,
  provenance   bytea,
  checksum     bytea not null,
  primary key (slice, stream_id, version)
);

-- Work that was given up. Unused so far.
create table dead_letters (
  slice     int2 not null,
  stream_id uuid not null,
  tenant_id uuid not null,
  kind      text not null,
  lane      int2 not null,
  attempts  int4 not null,
  reason    text not null,
  failed_at timestamptz not null default clock_timestamp(),
  primary key (slice, stream_id)
);

-- Keys of data, each wrapped by a key that is not in the database; wrapped_under tells which. The subject is a keyed hash, or zero for
-- what is the tenant's own. Destroying a key makes what it encrypted unreadable; the row stays. Payloads, deliveries, snapshots and values
-- of state begin with the id of their key.
create table crypto_keys (
  key_id        uuid primary key,
  tenant_id     uuid not null,
  subject_id    uuid not null,
  wrapped_key   bytea,
  wrapped_under bytea not null,
  created_at    timestamptz not null default clock_timestamp(),
  destroyed_at  timestamptz,
  check ((wrapped_key is null) = (destroyed_at is not null))
);
-- A subject that was erased may come back under a new key.
create unique index crypto_keys_alive on crypto_keys (tenant_id, subject_id) where wrapped_key is not null;
create index crypto_keys_owner on crypto_keys (tenant_id, subject_id, created_at);
create index crypto_keys_destroyed on crypto_keys (destroyed_at) where destroyed_at is not null;

-- Row security: enabled and forced on every tenant table; the service's two roles see all rows of what they are granted.
do $$
declare tenant_table text;
begin
  foreach tenant_table in array array[
    'streams', 'events', 'jobs', 'inbox', 'reservations', 'state_values', 'vault', 'snapshots', 'dead_letters', 'crypto_keys'] loop
    execute format('alter table %I enable row level security, force row level security', tenant_table);
    execute format('create policy service on %I to fastn_writer, fastn_system using (true) with check (true)', tenant_table);
  end loop;
  -- Sub-selects, so that a setting is read once a statement; after a transaction's end it is '' and not null.
  foreach tenant_table in array array['streams', 'events'] loop
    execute format($policy$create policy tenant on %I for select to fastn_reader using (
      tenant_id = (select nullif(current_setting('fastn.tenant', true), '')::uuid)
      or tenant_id = (select nullif(current_setting('fastn.space', true), '')::uuid))$policy$, tenant_table);
  end loop;
end $$;

grant usage on schema public to fastn_writer, fastn_reader, fastn_system;

-- The writer may probe where events are, and read nothing of what they say.
grant insert on events to fastn_writer;
grant select (slice, pos, era, stream_id, version, event_id, recorded_at, chain_hash) on events to fastn_writer;
grant select, insert, update on slice_head, streams, inbox to fastn_writer;
grant select, insert on slice_log to fastn_writer;
grant select, insert, update, delete on nodes, slice_lease to fastn_writer;
grant select, insert, update, delete on jobs, reservations, state_values to fastn_writer;

grant select on nodes, slice_lease to fastn_system;
grant select, insert on installation to fastn_system;
grant select, insert, update, delete on parcels to fastn_system;
grant select on slice_head, slice_log, streams, events, jobs, inbox, reservations, state_values, snapshots, dead_letters to fastn_system;
grant delete on slice_log, state_values, inbox to fastn_system;
-- The sweep locks what it is about to remove, for which the right to update one column is asked.
grant update (expires_at) on state_values to fastn_system;
grant update (done_at) on inbox to fastn_system;
grant select, insert, update, delete on checkpoints to fastn_system;
grant select, insert, delete on vault to fastn_system;
grant insert, update, delete on snapshots to fastn_system;
grant select, insert, update (wrapped_key, destroyed_at) on crypto_keys to fastn_system;

grant select on streams, events to fastn_reader;
