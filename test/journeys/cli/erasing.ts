import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "../../support/process.ts";
import { type CliWorld, tenantLine } from "./world.ts";

/** What came in, what an auditor gets of it, and a person who asks for it to go. */
export function erasing(world: () => CliWorld): void {
  const { run, show } = tenantLine(world, "fir");
  let eventId: string;

  it("shows what came in, and writes a bundle into a file that the owner alone may read", async () => {
    const { appliance, here } = world();
    await here("tenant", "create", "--name", "Fir");
    const { siteId } = await run("site", "create", "--name", "Gate");
    const made = ["api-key", "create", "--name", "gate", "--permission", "events:write"];
    const { key } = await run(...made);
    const events = [
      { kind: "gate", occurred: new Date().toISOString(), subjects: ["plate:ZH1"], body: { open: true } },
    ];
    const sent = await appliance.call(key!, "POST", `/api/v1/events?site=${siteId}`, events);
    assert.equal(sent.status, 200, sent.body);
    const listed = await run<{ events: { eventId: string }[] }>("event", "list", "--subject", "plate:ZH1");
    eventId = listed.events[0]!.eventId;
    const shown = await show("event", "show", eventId);
    assert.match(shown, /kind +gate\n/);
    assert.match(shown, /proof\.lines +ledgerstone\/event\/v1\n +tenant /);
    await assert.rejects(show("event", "image", eventId, "0", "--out", "-"), /image not found/);

    const { exportId } = await run("evidence", "request", "--events", eventId);
    const done = async () => (await run("evidence", "show", exportId!)).state === "done";
    await waitUntil("the bundle", done, { timeoutMs: 60_000, everyMs: 500 });
    const out = join(appliance.directory, "bundle.zip");
    assert.match(
      await show("evidence", "download", exportId!, "--out", out),
      /bundle\.zip {2}\d+ bytes, application\/zip/,
    );
    assert.equal((await readFile(out)).subarray(0, 2).toString(), "PK");
    assert.equal((await stat(out)).mode & 0o777, 0o600);
    await assert.rejects(show("evidence", "download", exportId!, "--out", out), /exists/);
  });

  it("takes a person's request from the letter to the certificate", async () => {
    const { caseId } = await run("erasure-case", "open", "--about", "my car, ZH 1", "--name", "Eva", "--law", "gdpr");
    await show("erasure-case", "ask-identity", caseId!);
    await show("erasure-case", "verify-identity", caseId!, "--method", "in-person", "--evidence", "passport seen");
    await show("erasure-case", "extend", caseId!, "--reason", "many requests");
    await show("erasure-case", "accept", caseId!, "--subjects", "plate:ZH1");
    const done = async () => (await run("erasure-case", "show", caseId!)).state === "executed";
    await waitUntil("the erasure", done, { timeoutMs: 60_000, everyMs: 500 });
    assert.match(await show("erasure-case", "certificate", caseId!), new RegExp(caseId!));
    assert.equal((await run<{ events: unknown[] }>("event", "list", "--subject", "plate:ZH1")).events.length, 0);
    assert.match(await show("anomaly", "list"), /none/);
  });
}
