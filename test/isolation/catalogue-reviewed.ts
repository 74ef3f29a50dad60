/** What may stand outside a rule, each with its reason. The catalogue test fails on entries that are needed no more. */
export type Reviewed = Record<string, string>;

/** Tables without customer data: no tenant_id, no policies, and no grants but those in `openGrants`. */
export const notTenantTables: Reviewed = {
  "public.schema_migrations": "names of migrations",
  "ledger.ops_people": "pseudonyms of people who log in to the database itself",
  "ledger.pending": "marks of running transactions; only definer functions of the owner reach it",
  "app.partition_days": "which days have partitions",
};

export const openGrants: Reviewed = {
  "public.schema_migrations": "processes wait for their schema",
};

/** A unique index without tenant_id tells one tenant that another has the value. */
export const globallyUnique: Reviewed = {
  "public.devices_device_id_key": "ids are made by the server; a topic names the device alone",
  "public.api_keys_prefix_key": "random, made by the server; a key is found by it before the tenant is known",
  "public.api_keys_fingerprint_key": "HMAC of a random key",
  "public.device_certificates_fingerprint": "a certificate maps to one device of the whole appliance",
  "public.device_certificates_common_name": "a certificate maps to one device of the whole appliance",
  "public.sessions_token_hash_key": "SHA-256 of a random token; a session is found by it before the tenant is known",
  "public.tenants_appliance": "there is one operator's tenant; the value tells nothing else",
  "public.tenants_slug_key": "public: part of the addresses of sign-in pages, chosen by the operator",
  "public.device_certificates_san": "a certificate maps to one device of the whole appliance",
};

/** Tables whose changes ask for no ledger row. */
export const operational: Reviewed = {
  "public.approval_answers": "what an act answered, after the act's own row",
  "public.anomalies": "counts; what is told of them has rows",
  "public.api_key_use": "last used",
  "public.device_status": "last seen and what the device says of itself",
  "public.device_outboxes": "how far a device's outbox has come: every event in it has its batch's row",
  "public.directory_memberships": "which issuer keeps a membership; the membership itself has its row",
  "public.event_keys": "deduplication, in the transaction of the batch's row",
  "public.batches": "written by the function that appends the batch's row",
  "public.erasures": "written by the functions that append the tombstone; then progress of files and journal",
  "public.idempotency_keys": "taken in the transaction of the act's row; then the answer that was sent",
  "public.image_views": "on their way into the ledger: taken out by the function that appends images.seen",
  "public.known_places": "where a person signed in from, in the transaction of the session's row",
  "public.mails": "on their way; what they tell has its row",
  "public.object_garbage": "files to collect after a tombstone",
  "public.retention_forecasts": "what a run is expected to erase",
  "public.saml_assertions": "used up in the transaction of the sign-in's row",
  "public.saml_requests": "sign-ins under way; what comes of one has its row",
  "public.saml_tests": "opened and ended with a row; then forgotten",
  "public.session_use": "last seen",
  "public.factor_challenges": "questions under way; a right answer has its row",
  "public.pending_sign_ins": "sign-ins under way; what they end in has its row",
  "public.sign_in_tries": "counted before the try, whose outcome has its row",
  "public.sign_in_failures": "counts; each failure has its row",
  "public.site_days": "counts, in the transaction of the batch's row",
  "public.site_hours": "counts, in the transaction of the batch's row",
  "public.tasks": "work under way; what it does has rows",
  "public.tenant_usage": "quota counters",
};

/** Functions that everyone may execute: they read the caller's own binding or compute. */
export const publicFunctions: Reviewed = {
  "app.tenant": "reads the caller's binding",
  "app.all_sites": "reads the caller's binding",
  "app.sites": "reads the caller's binding",
  "app.uuid7_floor": "computes",
  "ledger.day_start": "computes",
  "ledger.timestamp_text": "computes",
  "ledger.utc_day": "computes",
};

/** Tables from which the application may delete, by `<table> DELETE`: what the ledger keeps the history of. */
export const deletable: Reviewed = {
  "public.approval_answers DELETE": "kept for 30 days for who had asked",
  "public.group_members DELETE": "membership ends; its row says so",
  "public.groups DELETE": "a group ends with its members and grants; its row says so",
  "public.idempotency_keys DELETE": "after 24 hours; the act that a key stood for has its row",
  "public.saml_assertions DELETE": "a day after no assertion can be valid any more",
  "public.saml_requests DELETE": "a response uses its request up, or it expires",
  "public.saml_tests DELETE": "expired; a result names a person",
  "public.anomalies DELETE": "counts of a time that is over",
  "public.erasure_cases DELETE": "asked for by the public page and never confirmed; a row counts them",
  "public.known_places DELETE": "not seen for a year, or of a person who was erased",
  "public.mails DELETE": "sent, given up, or of a person who was erased",
  "public.notice_settings DELETE": "of a person who was erased",
  "public.notices DELETE": "old, or about a person who was erased; a row counts them",
  "public.session_use DELETE": "with its session",
  "public.sessions DELETE": "ended longer ago than the tenant keeps them; a row counts them",
  "public.sign_in_failures DELETE": "counts of a time that is over",
  "public.role_grants DELETE": "ended grants go with their role; the ledger keeps what they were",
  "public.roles DELETE": "a role without grants ends; its row says so",
  "public.factor_challenges DELETE": "questions that were answered or ran out",
  "public.factors DELETE": "a second factor is removed; its row says so",
  "public.local_passwords DELETE": "a person is erased",
  "public.pending_sign_ins DELETE": "sign-ins that ended or ran out",
  "public.recovery_codes DELETE": "new ones take their place, or the last factor went; rows say so",
  "public.sign_in_links DELETE": "a newer one takes its place; its row says so",
  "public.sign_in_tries DELETE": "after a success, to unlock, or a day later",
};
