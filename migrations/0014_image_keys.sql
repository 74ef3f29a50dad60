-- Up Migration
-- Against a bug or a thief in the application role: removing an image's wrapped key is erasing it, and only the erase
-- functions erase (they delete the row, with its tombstone). A stored key is written once.

create function ledger.refuse_key_change() returns trigger language plpgsql as $$
begin
  raise exception 'the key of image % is written once', old.image_id
    using errcode = 'LS002', hint = 'an image goes through the erase functions, with a tombstone';
end $$;
create trigger key_once before update on images for each row
  when (old.wrapped_key is not null and (new.wrapped_key is distinct from old.wrapped_key or new.key_version is distinct from old.key_version))
  execute function ledger.refuse_key_change();

-- Down Migration
drop trigger key_once on images;
drop function ledger.refuse_key_change();
