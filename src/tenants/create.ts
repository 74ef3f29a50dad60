import { openChain } from "../audit/index.ts";
import { type Pool, withTransaction } from "../platform/db.ts";
import { invalid } from "../platform/errors.ts";

/** Makes a tenant and opens its chain, in one transaction. Returns its id. */
export async function createTenant(
  pool: Pool,
  name: string,
  correlation: string = crypto.randomUUID(),
): Promise<string> {
  const trimmed = name.trim();
  if (trimmed.length < 1 || trimmed.length > 200) {
    throw invalid("a tenant needs a name", { found: `${trimmed.length} characters`, expected: "1 to 200" });
  }
  const tenantId = crypto.randomUUID();
  await withTransaction(pool, (tx) => openChain(tx, tenantId, trimmed, correlation));
  return tenantId;
}
