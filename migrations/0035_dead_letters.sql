-- Up Migration
-- The holds that keep a dead letter. Its kind and occurrence are unknown, so a hold on a kind or a range keeps it: fail closed.
create function ledger.holds_of_letter(p_letter public.dead_letters) returns uuid[] language sql stable
  begin atomic
    select coalesce(array_agg(h.hold_id order by h.placed_seq), '{}') from public.holds h
     where h.tenant_id = (select app.tenant()) and h.released_at is null
       and (h.site_id is null or h.site_id = (p_letter).site_id)
       and (h.subject is null or h.subject = any((p_letter).subjects));
  end;
create or replace function ledger.letter_holds(p_letter public.dead_letters) returns boolean language sql stable
  begin atomic select cardinality(ledger.holds_of_letter(p_letter)) > 0; end;

-- A person takes a dead letter away: after it went through at last, or because it is of no use. Never while a hold keeps it, and
-- never one of a site outside theirs. What it was refused for stays in the row; its content goes.
create function ledger.remove_dead_letter(
  p_letter uuid, p_as text, p_reason text, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid,
  out outcome text, out held_by uuid[])
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare v_letter public.dead_letters;
begin
  if p_as not in ('retried', 'discarded') then
    raise exception 'a dead letter is retried or discarded, not %', p_as;
  end if;
  perform ledger.lock_holds_briefly(app.tenant());
  select l.* into v_letter from public.dead_letters l where l.tenant_id = app.tenant() and l.letter_id = p_letter for update;
  if not found or not (app.all_sites() or v_letter.site_id = any(app.sites()::uuid[])) then
    raise exception 'no dead letter %', p_letter using errcode = 'LS404';
  end if;
  held_by := ledger.holds_of_letter(v_letter);
  if held_by <> '{}' then
    outcome := 'held';
    return;
  end if;
  delete from public.dead_letters l where l.tenant_id = v_letter.tenant_id and l.letter_id = p_letter;
  perform ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'dead-letter.' || p_as, 'dead-letter', p_letter::text, p_correlation,
    null, null, array['detail'], array[jsonb_build_object('site', v_letter.site_id, 'sourceType', v_letter.source_type,
      'source', v_letter.source_id, 'received', ledger.timestamp_text(v_letter.received), 'refusedFor', v_letter.reason,
      'reason', p_reason)::text], null, null, null);
  outcome := 'removed';
end $$;

revoke execute on function ledger.remove_dead_letter(uuid, text, text, text, text, text, uuid),
  ledger.holds_of_letter(public.dead_letters) from public;
grant execute on function ledger.remove_dead_letter(uuid, text, text, text, text, text, uuid) to ledgerstone_app;
grant execute on function ledger.holds_of_letter(public.dead_letters) to ledgerstone_app;

-- Down Migration
drop function ledger.remove_dead_letter(uuid, text, text, text, text, text, uuid);
create or replace function ledger.letter_holds(p_letter public.dead_letters) returns boolean language sql stable
  begin atomic
    select exists (select from public.holds h
      where h.tenant_id = (select app.tenant()) and h.released_at is null
        and (h.site_id is null or h.site_id = (p_letter).site_id)
        and (h.subject is null or h.subject = any((p_letter).subjects)));
  end;
drop function ledger.holds_of_letter(public.dead_letters);
