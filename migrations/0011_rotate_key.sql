-- Up Migration
-- The signing key of checkpoints changes by a control row alone; the sealer signs with the old key until a checkpoint covers it.

create function ledger.rotate_key(
  p_key_id text, p_old bytea, p_new bytea, p_actor_type text, p_actor_id text, p_via text, p_correlation uuid,
  out seq bigint, out at timestamptz
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_content text := 'old ' || encode(p_old, 'base64') || chr(10) || 'new ' || encode(p_new, 'base64') || chr(10);
  v_last text;
begin
  if p_key_id !~ '^[0-9a-f]{8}$' or octet_length(p_old) <> 32 or octet_length(p_new) <> 32 or p_old = p_new then
    raise exception 'key rotation refused: expected two different Ed25519 keys of 32 bytes and the 4-byte key id of the new one'
      using errcode = 'LS008';
  end if;
  perform 1 from ledger.chain_heads h where h.tenant_id = app.tenant() for update;
  select o.content into v_last
    from ledger.rows r join ledger.openings o on o.tenant_id = r.tenant_id and o.seq = r.seq and o.unit = 'key'
   where r.tenant_id = app.tenant() and r.action = 'ledger.key.rotated'
   order by r.seq desc limit 1;
  if v_last is not null and split_part(v_last, chr(10), 2) <> 'new ' || encode(p_old, 'base64') then
    raise exception 'key rotation refused: the old key is not the one that the chain rotated to last'
      using errcode = 'LS008', hint = 'name the key in use as the old one';
  end if;
  select a.seq, a.at into seq, at
    from ledger.append_unchecked(p_actor_type, p_actor_id, p_via, 'ledger.key.rotated', 'key', p_key_id, p_correlation,
      null, null, array['key'], array[v_content], null, null, null) a;
end $$;
grant execute on function ledger.rotate_key(text, bytea, bytea, text, text, text, uuid) to ledgerstone_app;

-- Down Migration
drop function ledger.rotate_key(text, bytea, bytea, text, text, text, uuid);
