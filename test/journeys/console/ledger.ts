import assert from "node:assert/strict";
import { tamper } from "../../audit/chain-fixture.ts";
import { waitUntil } from "../../support/process.ts";
import { assertAccessible, assertFaultless, type World } from "./world.ts";

/** The ledger's rows, checkpoints and verifications; evidence in steps. */
export function ledgerPages(world: () => World): void {
  type Row = { seq: number; action: string };
  const api = async <T>(path: string): Promise<T> => {
    const answer = await world().owner.call("GET", `/api/v1/${path}`);
    assert.equal(answer.status, 200, answer.body);
    return answer.json<T>();
  };
  const newest = async (action: string): Promise<Row> =>
    (await api<{ rows: Row[] }>(`ledger/rows?action=${action}&limit=1`)).rows[0]!;

  it("shows each page in light and dark, with nothing that the policy or axe-core finds serious", async () => {
    const { seq } = await newest("site.created");
    const asked = await world().owner.call("POST", "/api/v1/exports", {
      ...{ from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" },
    });
    const { exportId } = asked.json<{ exportId: string }>();
    const isMade = async () => (await api<{ state: string }>(`exports/${exportId}`)).state === "done";
    await waitUntil("the export", isMade, { timeoutMs: 60_000, everyMs: 300 });
    for (const path of [
      ...["ledger", `ledger/${seq}`, "ledger/checkpoints", "ledger/checks"],
      ...["evidence", "evidence/new", `evidence/${exportId}`],
    ]) {
      await assertFaultless(world(), world().owner, path);
    }
  });

  it("finds rows by person and action, and shows what changed, computed here against the checkpoint", async () => {
    await world().owner.call("PATCH", `/api/v1/sites/${world().sites[1]}`, { name: "South gate (rear)" });
    await world().owner.call("PATCH", `/api/v1/sites/${world().sites[1]}`, { name: "South gate" });
    const { page } = await world().open(world().owner, "/console/ledger");
    await page.getByLabel("What", { exact: true }).selectOption({ label: "Site: all of it" });
    await page.waitForURL(/action=site\.\*/);
    await page.getByRole("textbox", { name: "Name of a person" }).fill("olga");
    await page.keyboard.press("Enter");
    await page.waitForURL(/person=olga/);
    const { seq } = await newest("site.changed");
    await page.getByRole("link", { name: String(seq), exact: true }).click();
    await page.getByText("South gate (rear)").waitFor();
    assert.match(
      (await page.getByRole("grid", { name: "What changed" }).textContent()) ?? "",
      /name.*\(rear\).*South gate/,
    );
    await page.getByText("Its hash is the SHA-256 of its bytes.").waitFor();
    await page.getByText("The content above is what the row committed to.").waitFor();
    const sealed = async () => (await api<{ proof: unknown }>(`ledger/rows/${seq}`)).proof !== null;
    await waitUntil("the checkpoint", sealed, { timeoutMs: 90_000, everyMs: 500 });
    await page.reload();
    await page.getByText(/^It stands as row/).waitFor();
    await page.context().close();
  });

  it("says so when the server tells other bytes than it hashed", async () => {
    const { page } = await world().open(world().owner, "/console/ledger");
    await page.route("**/api/v1/ledger/rows/2", async (route) => {
      const answer = await route.fetch();
      const row = (await answer.json()) as { lines: string; units: { content?: string }[] };
      row.lines = row.lines.replace("\nvia ", "\nvia x");
      for (const unit of row.units) if (unit.content) unit.content += " ";
      await route.fulfill({ json: row });
    });
    await page.goto(`${world().appliance.apiUrl}/console/ledger/2`);
    await page.getByText("Its hash is not the SHA-256 of its bytes.").waitFor();
    await page.context().close();
  });

  it("hands out checkpoints as files and QR codes", async () => {
    const { page } = await world().open(world().auditor, "/console/ledger/checkpoints");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save" }).first().click();
    assert.match((await saved).suggestedFilename(), /^checkpoint-1-\d+\.txt$/);
    await page.getByRole("button", { name: "QR code" }).first().click();
    await page.getByRole("img", { name: "The signed note as a QR code" }).waitFor();
    await assertAccessible(page, "a checkpoint's dialog");
    await page.context().close();
  });

  it("makes an export of one incident in steps, lets it be taken, and shows its SHA-256", async () => {
    const sent = await world().appliance.call(
      world().tenant.apiKey,
      "POST",
      `/api/v1/events?site=${world().sites[0]}`,
      [{ kind: "gate.opened", occurred: new Date().toISOString(), body: { lane: 7 } }],
    );
    const eventId = /"(?:id|eventId)":"([0-9a-f-]{36})"/.exec(sent.body)![1]!;
    const { page } = await world().open(world().auditor, `/console/events/${eventId}`);
    await page.getByText(/events of its site in a batch/).waitFor();
    await page.getByRole("link", { name: "Export this incident" }).click();
    await page.getByText(/About 1 events and 0 images/).waitFor();
    const next = page.getByRole("button", { name: "Next" });
    await next.click();
    await assertAccessible(page, "disclosure");
    await next.click();
    assert.equal(await next.isDisabled(), true, "a passphrase that was not stored goes on");
    const passphrase = await page.getByRole("textbox", { name: "Passphrase" }).inputValue();
    assert.match(passphrase, /^(?:[a-z0-9]{5}-){4}[a-z0-9]{5}$/);
    await page.getByLabel("I have stored it").check();
    await next.click();
    await page.getByRole("button", { name: "Make the bundle" }).click();
    await page.waitForURL(/\/evidence\/[0-9a-f-]{36}$/);
    assert.ok(!page.url().includes(passphrase));
    const download = page.getByRole("link", { name: "Download the bundle" });
    await download.waitFor({ timeout: 60_000 });
    const saved = page.waitForEvent("download");
    await download.click();
    assert.match((await saved).suggestedFilename(), /^ledgerstone-.*\.zip\.age$/);
    const exportId = page.url().split("/").at(-1)!;
    const { parts } = await api<{ parts: { sha256: string }[] }>(`exports/${exportId}`);
    assert.equal(await page.getByRole("textbox", { name: /^SHA-256 of .*age$/ }).inputValue(), parts[0]!.sha256);
    await page.context().close();
  });

  it("offers a viewer nothing of it, and somebody limited to a site no ledger; the API refuses both when forced", async () => {
    const { sites, tenant, persons, viewer } = world();
    const limited = await persons.make(tenant.tenantId, "lena.limited", [{ role: "auditor", sites: [sites[0]] }]);
    for (const [person, evidence] of [
      [viewer, 0],
      [limited, 1],
    ] as const) {
      const { page } = await world().open(person, "/console/events");
      await page.getByRole("link", { name: "Events" }).waitFor();
      assert.equal(await page.getByRole("link", { name: "Ledger", exact: true }).count(), 0);
      assert.equal(await page.getByRole("link", { name: "Evidence" }).count(), evidence);
      await page.context().close();
      for (const path of ["ledger/rows", "ledger/rows/1", "ledger/actions", "ledger/checkpoints", "ledger/checks"]) {
        assert.equal((await person.call("GET", `/api/v1/${path}`)).status, 403, path);
      }
      assert.equal((await person.call("POST", "/api/v1/ledger/checks")).status, 403);
    }
    const range = { from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
    assert.equal((await viewer.call("POST", "/api/v1/exports/estimate", range)).status, 403);
    const others = await limited.call("POST", "/api/v1/exports/estimate", { ...range, sites: [sites[1]] });
    assert.equal(others.status, 403);
  });

  it("verifies the ledger with its progress, and names the row that a superuser changed", async () => {
    const { appliance, persons } = world();
    const { tenantId } = await appliance.createTenant("Tampered");
    const owner = await persons.make(tenantId, "tom.tampered", [{ role: "owner" }]);
    const { page } = await world().open(owner, "/console/ledger");
    const database = { config: () => appliance.superuser.options } as never;
    const where = `where tenant_id = '${tenantId}' and seq = 3`;
    const { rows: before } = await appliance.superuser.query(`select actor_id as id from ledger.rows ${where}`);
    await tamper(database, [`update ledger.rows set actor_id = 'nobody' ${where}`]);
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.getByRole("progressbar").waitFor();
    await page.getByText(/The ledger does not verify: first at row 3/).waitFor({ timeout: 30_000 });
    await page.getByRole("tab", { name: "Verifications" }).click();
    await page
      .getByText(/row hash; found [0-9a-f]{64} stored/)
      .first()
      .waitFor();
    await assertAccessible(page, "a ledger that does not verify");
    await page.getByRole("link", { name: "row 3" }).first().click();
    await page.getByText("Its hash is not the SHA-256 of its bytes.").waitFor();
    await page.context().close();
    // What others start here must not be refused for it.
    await tamper(database, [`update ledger.rows set actor_id = '${before[0].id}' ${where}`]);
    const { rows } = await appliance.superuser.query(
      "select action from ledger.rows where tenant_id = $1 and entity_type = 'verification' order by seq",
      [tenantId],
    );
    assert.deepEqual(
      rows.map(({ action }) => action),
      ["verification.requested", "verification.failed"],
    );
  });
}
