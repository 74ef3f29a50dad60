import type { TenantTx } from "../../audit/index.ts";

/** A request that awaits its response. */
export type OpenRequest = {
  requestId: string;
  relayState: string;
  bindingHash: Buffer;
  /** The browser's own token (anomalies/places.ts). */
  device: string;
  /** Of a sign-in that is only tried out. */
  testId: string | null;
};

export async function insertRequest(tx: TenantTx, request: OpenRequest): Promise<void> {
  await tx.query(
    `insert into saml_requests (tenant_id, request_id, relay_state, binding_hash, device, test_id)
     values (app.tenant(), $1::text, $2::text, $3::bytea, $4::text, $5::uuid)`,
    [request.requestId, request.relayState, request.bindingHash, request.device, request.testId],
  );
}

export async function selectRequest(tx: TenantTx, relayState: string): Promise<OpenRequest | undefined> {
  const { rows } = await tx.query<OpenRequest>(
    `select request_id as "requestId", relay_state as "relayState", binding_hash as "bindingHash", device, test_id as "testId"
       from saml_requests
      where tenant_id = app.tenant() and relay_state = $1::text and expires_at > clock_timestamp()`,
    [relayState],
  );
  return rows[0];
}

/** Uses a request up. False when it was used, or has expired: of two at once one alone gets true. */
export async function deleteRequest(tx: TenantTx, requestId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `delete from saml_requests
      where tenant_id = app.tenant() and request_id = $1::text and expires_at > clock_timestamp()`,
    [requestId],
  );
  return rowCount === 1;
}

/** Uses an assertion up. False when it was used before. */
export async function insertAssertion(tx: TenantTx, assertionHash: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into saml_assertions (tenant_id, assertion_hash) values (app.tenant(), $1::bytea) on conflict do nothing`,
    [assertionHash],
  );
  return rowCount === 1;
}

/** What has expired, a few at a time. */
export async function deleteExpiredRequests(tx: TenantTx): Promise<void> {
  await tx.query(
    `delete from saml_requests where tenant_id = app.tenant() and request_id in (
       select request_id from saml_requests where tenant_id = app.tenant() and expires_at < clock_timestamp() limit 100)`,
  );
  await tx.query(
    `delete from saml_assertions where tenant_id = app.tenant() and assertion_hash in (
       select assertion_hash from saml_assertions where tenant_id = app.tenant() and expires_at < clock_timestamp() limit 100)`,
  );
  await tx.query("delete from saml_tests where tenant_id = app.tenant() and expires_at < clock_timestamp()");
}

export async function insertTest(tx: TenantTx, madeBy: string): Promise<string> {
  const { rows } = await tx.query<{ testId: string }>(
    `insert into saml_tests (tenant_id, made_by) values (app.tenant(), $1::text) returning test_id as "testId"`,
    [madeBy],
  );
  return rows[0]!.testId;
}

export type TestRow = { testId: string; result: Buffer | null; createdAt: string };

export async function selectTest(tx: TenantTx, testId: string): Promise<TestRow | undefined> {
  const { rows } = await tx.query<TestRow>(
    `select test_id as "testId", result, ledger.timestamp_text(created_at) as "createdAt"
       from saml_tests
      where tenant_id = app.tenant() and test_id = $1::uuid and expires_at > clock_timestamp()`,
    [testId],
  );
  return rows[0];
}

export async function updateTest(tx: TenantTx, testId: string, result: Buffer): Promise<void> {
  await tx.query(`update saml_tests set result = $2::bytea where tenant_id = app.tenant() and test_id = $1::uuid`, [
    testId,
    result,
  ]);
}
