-- The databases of further regions. All of it is said by the main region's database but for the columns of `installation`.

-- The databases of other regions, by the id that each has in its `installation`: no other one may take its place.
create table regions (
  region      text primary key,
  database_id uuid not null
);

-- Which slices live in the databases of other regions: those that this one has no head of.
create table slice_regions (
  slice  int2 primary key check (slice between 0 and 255),
  region text not null references regions
);

-- The databases of an installation have its id, and each the name of its own region. A copy that is restored has the same database_id.
alter table installation add column region text not null default 'main', add column database_id uuid not null default gen_random_uuid();

grant select on slice_regions to fastn_writer;
grant select on regions, slice_regions to fastn_system;
