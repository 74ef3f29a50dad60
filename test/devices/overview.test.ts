import assert from "node:assert/strict";
import { createPki, openCertificates } from "../../src/devices/index.ts";
import { devicesOverview } from "../../src/devices/overview.ts";
import type { Incoming } from "../../src/ingest/incoming.ts";
import { createRecorder } from "../../src/ingest/recorder.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { wireEvent } from "../ingest/device.ts";
import { createEstate, type Estate } from "../ingest/estate.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

describe("devices: the overview", () => {
  let estate: Estate;
  before(async () => {
    estate = await createEstate();
  });
  after(() => estate?.stop());

  it("counts who is heard, silent, never heard, not enrolled, and names those that need an eye, of one's sites", async () => {
    const tenant = await estate.newTenant();
    const { superuser } = estate.database;
    const [heard, silent, elsewhere] = [
      await tenant.newDevice({ access: "plain" }),
      await tenant.newDevice({ access: "plain" }),
      await tenant.newDevice({ access: "plain", siteId: tenant.otherSiteId }),
    ];
    await tenant.newDevice({ access: "plain" });
    const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
    const recorder = createRecorder({ ...estate, limits, log: createLogger("test", "silent") });
    const item = (id: string, event: unknown): Incoming => {
      const [parsed] = parseWireEvents(JSON.stringify(event));
      return { sender: { type: "device", id }, siteId: null, parsed: parsed! };
    };
    const old = wireEvent({ occurred: "2001-01-01T00:00:00Z" });
    await recorder.record(tenant.principal, [
      ...[heard, silent, elsewhere].map((id) => item(id, wireEvent())),
      item(heard, old),
      item(elsewhere, { ...old, id: wireEvent().id }),
    ]);
    await superuser.query(
      "update device_status set last_seen_at = now() - interval '16 minutes' where device_id = any($1::uuid[])",
      [[silent, elsewhere]],
    );
    const own = { ...tenant.principal, sites: [tenant.siteId] };
    const seen = await devicesOverview(estate.pool, own);
    // The tenant's first device has neither certificate nor sign of life.
    const counts = { total: 4, heard: 1, silent: 1, neverHeard: 1, notEnrolled: 1, revoked: 0 };
    assert.deepEqual(seen.counts, counts);
    assert.deepEqual(
      seen.troubled.map(({ deviceId, silent: isSilent, rejected }) => ({ deviceId, isSilent, rejected })),
      [
        { deviceId: heard, isSilent: false, rejected: 1 },
        { deviceId: silent, isSilent: true, rejected: 0 },
      ],
    );
    const all = await devicesOverview(estate.pool, tenant.principal);
    assert.deepEqual([all.counts.total, all.counts.silent, all.troubled.length], [5, 2, 3]);
  });

  it("tells what the appliance made itself from what others signed, and until when each counts", async () => {
    const directory = await temporaryDirectory("pki");
    const [own, others] = [
      await createPki(`${directory}/own`, ["gate.example", "192.0.2.7"]),
      await createPki(`${directory}/others`, ["gate.example"]),
    ];
    const read = async (certFile: string) => {
      const pki = { ...own, extraDeviceCaFiles: [others.deviceCaCertFile] };
      const keys = { cmsCertFile: own.workerCertFile };
      const files = { pki, keys, http: { certFile }, mqtt: { certFile: own.workerCertFile } };
      return (await openCertificates(files as never)).read();
    };
    const certificates = await read(own.serverCertFile);
    assert.deepEqual(
      certificates.map(({ use, ownMade }) => `${use} ${ownMade}`),
      ["https true", "device-ca true", "customer-device-ca true", "worker true", "evidence true", "revocations true"],
    );
    assert.deepEqual(certificates[0]!.names, ["gate.example", "192.0.2.7"]);
    for (const { notBefore, notAfter } of certificates) {
      assert.ok(Date.parse(notBefore) < Date.now() && Date.parse(notAfter) > Date.now() + 20 * 86_400_000);
    }
    assert.equal((await read(others.serverCertFile))[0]!.ownMade, false, "another authority signed it");
    await removeDirectory(directory);
  });
});
