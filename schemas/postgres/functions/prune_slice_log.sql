-- Removes all rows but the newest of each slice, which is its head. An append that runs has not shown its row yet and is not disturbed.
create or replace function prune_slice_log() returns int8 language plpgsql as $$
declare
  slice_number int2;
  removed int8;
  total int8 := 0;
begin
  for slice_number in select slice from slice_head loop
    delete from slice_log where slice = slice_number
      and pos < (select newest.pos from slice_log newest where newest.slice = slice_number order by newest.pos desc limit 1);
    get diagnostics removed = row_count;
    total := total + removed;
  end loop;
  return total;
end $$;
