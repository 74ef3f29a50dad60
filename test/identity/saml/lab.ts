import assert from "node:assert/strict";
import { inflateRawSync } from "node:zlib";
import { type TenantTx, verifyChain, withTenant } from "../../../src/audit/index.ts";
import { setMapping } from "../../../src/identity/directory/index.ts";
import { PERMISSIONS, watchSignIns } from "../../../src/identity/index.ts";
import { beginSignIn } from "../../../src/identity/saml/begin.ts";
import { newSpKey } from "../../../src/identity/saml/certificates.ts";
import { configureSaml, ownAddresses } from "../../../src/identity/saml/configure.ts";
import type { SamlDeps } from "../../../src/identity/saml/deps.ts";
import { finishSignIn, type SignInOutcome, signInPrincipal } from "../../../src/identity/saml/finish.ts";
import { samlSettings } from "../../../src/identity/saml/schema.ts";
import type { SpAddresses } from "../../../src/identity/saml/service-provider.ts";
import { addKey, listKeys, openKeys } from "../../../src/identity/saml/sp-keys.ts";
import { createValidator } from "../../../src/identity/saml/validator.ts";
import { subjectHasher } from "../../../src/keys/index.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { type TestDatabase, testDatabase } from "../../support/postgres.ts";
import { createTestIdp, type ResponseTo, type TestIdp, toBase64 } from "../../support/saml-idp.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../../support/seed.ts";

/** What a browser holds after `GET /saml/<slug>/login`, and what the provider learns. */
export type Flow = { to: ResponseTo; relayState: string; binding: string };

export type LabTenant = {
  tenantId: string;
  seeded: SeededTenant;
  addresses: SpAddresses;
  /** The certificate that the provider encrypts for. */
  certificate: string;
  decryptionKey: string;
  configure(change?: Record<string, unknown>): Promise<void>;
  begin(testId?: string): Promise<Flow>;
  /** What the assertion consumer service does with a form. */
  post(form: unknown, binding?: string): Promise<SignInOutcome>;
  /** A response to `flow`, from the browser that began it. */
  answer(flow: Flow, response: string): Promise<SignInOutcome>;
  /** Contents of the newest rows of an action, newest first. */
  details(action: string): Promise<Record<string, unknown>[]>;
  inTenant<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>;
};

export type Lab = {
  database: TestDatabase;
  deps: SamlDeps;
  idp: TestIdp;
  /** One that no tenant knows. */
  stranger: TestIdp;
  alder: LabTenant;
  birch: LabTenant;
  stop(): Promise<void>;
};

export const everything = new Map(PERMISSIONS.map((permission) => [permission as string, "all" as const]));

/** Two tenants with one identity provider, on a database of their own. Group `staff` gives the role viewer. */
export async function openLab(): Promise<Lab> {
  const database = await testDatabase();
  const pool = database.pool("app");
  const seed = seedDeps(pool, "unused");
  const validator = createValidator({ threads: 1 });
  const hashSubject = subjectHasher(seed.keyring);
  const deps: SamlDeps = {
    pool,
    keyring: seed.keyring,
    hashSubject,
    publicUrl: "https://ledgerstone.test",
    watch: watchSignIns({ hashSubject, publicUrl: "https://ledgerstone.test", log: createLogger("test", "silent") }),
    validator,
    fetchText: async () => assert.fail("nothing is fetched here"),
  };
  const idp = await createTestIdp("https://idp.test/metadata");
  const stranger = await createTestIdp("https://stranger.test/metadata");
  const alder = await openTenant(deps, await seedTenant(seed, { name: "Alder", sites: [] }), idp);
  const birch = await openTenant(deps, await seedTenant(seed, { name: "Birch", sites: [] }), idp);
  return {
    database,
    deps,
    idp,
    stranger,
    alder,
    birch,
    async stop() {
      const sealed = { appliance: crypto.randomUUID(), publicKeys: [], witnessDirectories: [] };
      for (const { tenantId } of [alder, birch]) {
        const report = await verifyChain(pool, tenantId, sealed);
        assert.ok(report.ok, JSON.stringify(report.faults));
      }
      await validator.stop();
      await database.stop();
    },
  };
}

const keyPair = newSpKey("ledgerstone.test");

async function openTenant(deps: SamlDeps, seeded: SeededTenant, idp: TestIdp): Promise<LabTenant> {
  const { tenantId, principal } = seeded;
  const inTenant = <T>(work: (tx: TenantTx) => Promise<T>) => withTenant(deps.pool, principal, work);
  const pair = await keyPair;
  await inTenant((tx) => addKey(deps, tx, pair));
  const rule = {
    kind: "saml",
    issuer: null,
    value: "staff",
    builtinRole: "viewer",
    roleId: null,
    groupId: null,
    siteIds: null,
  };
  await inTenant((tx) => setMapping(tx, everything, { version: 0, rules: [rule as never], scimLinks: [] }));
  const addresses = await inTenant((tx) => ownAddresses(deps, tx));
  const [decryptionKey] = await inTenant((tx) => openKeys(deps, tx));
  const tenant: LabTenant = {
    tenantId,
    seeded,
    addresses,
    certificate: (await inTenant(listKeys))[0]!.certificate,
    decryptionKey: decryptionKey!,
    inTenant,
    async configure(change = {}) {
      const provider = { entityId: idp.entityId, ssoUrl: "https://idp.test/sso", certificates: [idp.certificate] };
      const settings = samlSettings.parse({
        enabled: true,
        idp: provider,
        attributes: { groups: "groups" },
        ...change,
      });
      await inTenant((tx) => configureSaml(deps, tx, settings));
    },
    begin: (testId) => begin(deps, tenant, testId ?? null),
    post: (form, binding) =>
      finishSignIn(deps, {
        tenantId,
        form,
        binding,
        address: "192.0.2.1",
        userAgent: "test",
        correlation: crypto.randomUUID(),
      }),
    answer: ({ relayState, binding }, response) =>
      tenant.post({ SAMLResponse: response, RelayState: relayState }, binding),
    async details(action) {
      return inTenant(async (tx) => {
        const found = await tx.query<{ content: string }>(
          `select o.content from ledger.openings o join ledger.rows r using (tenant_id, seq)
            where tenant_id = $1 and action = $2 order by seq desc limit 20`,
          [tenantId, action],
        );
        return found.rows.map(({ content }) => JSON.parse(content));
      });
    },
  };
  await tenant.configure();
  return tenant;
}

async function begin(deps: SamlDeps, { tenantId, addresses }: LabTenant, testId: string | null): Promise<Flow> {
  const principal = signInPrincipal(tenantId, crypto.randomUUID());
  const { redirectUrl, binding } = await withTenant(deps.pool, principal, (tx) =>
    beginSignIn(deps, tx, { binding: undefined, device: "d".repeat(43), testId }),
  );
  const query = new URL(redirectUrl).searchParams;
  const request = inflateRawSync(Buffer.from(query.get("SAMLRequest")!, "base64")).toString();
  const requestId = / ID="([^"]+)"/.exec(request)![1]!;
  const { acsUrl, entityId: spEntityId } = addresses;
  const to = { requestId, acsUrl, spEntityId, attributes: { groups: ["staff"] } };
  return { to, relayState: query.get("RelayState")!, binding };
}

export const respond = (idp: TestIdp, to: ResponseTo): string => toBase64(idp.respond(to));
