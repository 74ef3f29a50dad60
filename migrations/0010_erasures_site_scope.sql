-- Up Migration
-- An erasure of a site tells of that site: days, counts, when. Who is limited to sites sees those of his own, and none that spans sites.
create policy site_scope on erasures as restrictive for all
  to ledgerstone_app, ledgerstone_ops
  using ((select app.all_sites()) or site_id = any((select app.sites())::uuid[]))
  with check ((select app.all_sites()) or site_id = any((select app.sites())::uuid[]));

-- Down Migration
drop policy site_scope on erasures;
