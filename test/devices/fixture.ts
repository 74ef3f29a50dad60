import { createPublicKey, generateKeyPairSync, randomUUID, webcrypto } from "node:crypto";
import { appendRow, openChain, type Principal, type TenantTx, withTenant } from "../../src/audit/index.ts";
import { x509 } from "../../src/devices/x509.ts";
import { createPool, type Pool, withTransaction } from "../../src/platform/db.ts";
import type { TestDatabase } from "../support/postgres.ts";

/** The application's own pool on a test database. */
export function appPool(database: TestDatabase): Promise<Pool> {
  return createPool({ ...database.section, poolSize: 6 }, "app");
}

export type Tenant = { tenantId: string; siteId: string; principal: Principal };

export async function newTenant(pool: Pool): Promise<Tenant> {
  const tenantId = randomUUID();
  const siteId = randomUUID();
  const correlation = randomUUID();
  const principal: Principal = {
    tenantId,
    actor: { type: "system", id: "test" },
    via: "cli",
    correlation,
    sites: "all",
  };
  await withTransaction(pool, (tx) => openChain(tx, tenantId, "Tenant", correlation));
  await withTenant(pool, principal, async (tx) => {
    await tx.query("insert into sites (tenant_id, site_id, name) values ($1, $2, 'Site')", [tenantId, siteId]);
    await appendRow(tx, { action: "site.created", entity: { type: "site", id: siteId } });
  });
  return { tenantId, siteId, principal };
}

export async function allowPlain(tx: TenantTx): Promise<void> {
  await tx.query("update tenants set plain_mqtt = true where tenant_id = $1", [tx.principal.tenantId]);
  await appendRow(tx, { action: "tenant.changed", entity: { type: "tenant", id: tx.principal.tenantId } });
}

export type KeyKind = "p256" | "p384" | "rsa1024" | "rsa2048" | "ed25519";

/** A PKCS#10 request in PEM with its PKCS#8 key. The subject claims to be somebody else. */
export async function newRequest(
  kind: KeyKind = "p256",
  subject = "CN=worker",
): Promise<{ request: string; key: string }> {
  const { privateKey } =
    kind === "p256"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : kind === "p384"
        ? generateKeyPairSync("ec", { namedCurve: "P-384" })
        : kind === "ed25519"
          ? generateKeyPairSync("ed25519")
          : generateKeyPairSync("rsa", { modulusLength: kind === "rsa1024" ? 1024 : 2048 });
  const algorithms = {
    p256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
    p384: { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
    rsa1024: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    rsa2048: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    ed25519: { name: "Ed25519" },
  };
  const algorithm = algorithms[kind];
  const { subtle } = webcrypto;
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const keys = {
    privateKey: await subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  } as CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "evil.example.com" }])],
  });
  return { request: request.toString("pem"), key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}
