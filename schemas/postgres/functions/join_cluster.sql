-- Takes from earlier processes of the same name what they held: their folder is locked by this one, so that they have ended, whatever
-- their leases say.
create or replace function join_cluster(me uuid, my_name uuid) returns void language plpgsql as $$
begin
  update nodes set is_superseded = true, expires_at = '-infinity' where name = my_name and node_id <> me;
  -- In the order in which leases are taken.
  perform from slice_lease where owner in (select node_id from nodes where name = my_name and node_id <> me) order by slice for update;
  update slice_lease set owner = null where owner in (select node_id from nodes where name = my_name and node_id <> me);
end $$;
