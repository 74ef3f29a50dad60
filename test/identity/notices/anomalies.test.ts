import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { appendRow, withTenant } from "../../../src/audit/index.ts";
import { deviceCookie, deviceName, networkOf } from "../../../src/identity/anomalies/places.ts";
import { selectAnomalies } from "../../../src/identity/anomalies/store.ts";
import { deviceToken, isUnusuallyLarge, reportAnomaly, startSession, wideRights } from "../../../src/identity/index.ts";
import { listNotices, readNotices, setWantsMail } from "../../../src/identity/notices/inbox.ts";
import { NOTICE_KINDS, noticeText } from "../../../src/identity/notices/kinds.ts";
import type { SeededTenant } from "../../support/seed.ts";
import { type SmtpServer, startSmtp } from "../../support/smtp.ts";
import { type Lab, startLab } from "./fixture.ts";

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
const safari =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const page = { limit: 50, unread: false };

describe("identity: anomalies and notices", () => {
  let smtp: SmtpServer;
  let lab: Lab;
  before(async () => {
    smtp = await startSmtp();
    lab = await startLab(smtp);
  });
  after(async () => {
    await lab?.stop();
    await smtp?.stop();
  });

  type SignIn = { userId: string; address?: string; userAgent?: string; device?: string };
  const signIn = (tenant: SeededTenant, { address = "10.1.2.3", userAgent = firefox, ...rest }: SignIn) =>
    lab.as(tenant, (tx) => startSession(lab.deps, tx, { ...rest, address, userAgent, via: "web", strength: 1 }));
  const anomalies = async (tenant: SeededTenant) =>
    (await lab.actions(tenant)).filter((action) => action.startsWith("anomaly."));
  const inbox = (tenant: SeededTenant, userId: string) => lab.as(tenant, (tx) => listNotices(tx, userId, page));

  it("a first sign-in tells nothing; a new network and a new device do, to the person and the owners, once an hour", async () => {
    const tenant = await lab.tenant();
    const owner = await lab.person(tenant, "olga", "owner");
    const viewer = await lab.person(tenant, "vera", "viewer");
    const other = await lab.person(tenant, "ada", "admin");
    const device = deviceToken(undefined);
    await signIn(tenant, { userId: viewer.userId, device });
    await signIn(tenant, { userId: viewer.userId, device, address: "::ffff:10.1.2.99" });
    assert.deepEqual(await anomalies(tenant), []);
    await signIn(tenant, { userId: viewer.userId, device, address: "10.1.3.3" });
    assert.deepEqual(await anomalies(tenant), ["anomaly.new-network"]);
    await signIn(tenant, { userId: viewer.userId, device: deviceToken(undefined), userAgent: safari });
    assert.deepEqual(await anomalies(tenant), ["anomaly.new-network", "anomaly.new-device"]);
    // Of the same person within the hour: counted alone.
    for (const address of ["10.9.9.9", "10.8.8.8"]) await signIn(tenant, { userId: viewer.userId, device, address });
    assert.equal((await anomalies(tenant)).length, 2);
    for (const { userId } of [owner, viewer]) {
      const { notices, unread } = await inbox(tenant, userId);
      assert.deepEqual(
        notices.map(({ kind }) => kind),
        ["anomaly.new-device", "anomaly.new-network"],
      );
      assert.equal(unread, 2);
      assert.match(notices[0]!.text, /Safari on iOS/);
      assert.deepEqual(notices[1]!.entity, { type: "user", id: viewer.userId });
    }
    assert.deepEqual((await inbox(tenant, other.userId)).notices, []);
    const { anomalies: counted } = await lab.as(tenant, (tx) => selectAnomalies(tx, { limit: 10 }));
    assert.deepEqual(
      counted.map(({ kind, times }) => [kind, times]),
      [
        ["new-network", 3],
        ["new-device", 1],
      ],
    );
    await lab.sendDue(tenant);
    const mail = await smtp.mailTo(
      "olga@site.example",
      ({ headers }) => headers.subject === "Sign-in from a new network",
    );
    assert.match(mail.text, /10\.1\.3\.0\/24/);
    await lab.verify(tenant);
  });

  it("after an hour the row tells how many came untold", async () => {
    const tenant = await lab.tenant();
    const anomaly = { kind: "sign-in-changed", entity: { type: "saml", id: "1" }, data: { what: "SAML" } } as const;
    const report = () => lab.as(tenant, (tx) => reportAnomaly(lab.deps, tx, anomaly));
    assert.deepEqual([await report(), await report(), await report()], [true, false, false]);
    await lab.database.superuser.query("update anomalies set told_at = told_at - interval '1 hour'");
    assert.equal(await report(), true);
    const { rows } = await lab.database.superuser.query(
      "select content from ledger.openings where tenant_id = $1 and content like '%untold%'",
      [tenant.tenantId],
    );
    assert.deepEqual(
      rows.map(({ content }) => JSON.parse(content)),
      [{ what: "SAML", untold: 2 }],
    );
  });

  it("many things of one kind drown nobody: the rows go on, the notices end", async () => {
    const tenant = await lab.tenant();
    const { userId } = await lab.person(tenant, "otto", "owner");
    for (let n = 0; n < 30; n++) {
      const entity = { type: "network", id: `n${n}` };
      await lab.as(tenant, (tx) => reportAnomaly(lab.deps, tx, { kind: "many-failures", entity, data: { n } }));
    }
    assert.equal((await anomalies(tenant)).length, 30);
    assert.equal((await inbox(tenant, userId)).notices.length, 20);
  });

  it("at once, one thing is told once", async () => {
    const tenant = await lab.tenant();
    const anomaly = { kind: "large-export", entity: { type: "export", id: "1" }, data: {} } as const;
    const told = await Promise.all(
      Array.from({ length: 8 }, () => lab.as(tenant, (tx) => reportAnomaly(lab.deps, tx, anomaly))),
    );
    assert.deepEqual(told.filter(Boolean), [true]);
    assert.equal((await lab.as(tenant, (tx) => selectAnomalies(tx, { limit: 10 }))).anomalies[0]!.times, 8);
  });

  it("failures that are counted before and after a row, at once, wait for each other and are all counted", async () => {
    const tenant = await lab.tenant();
    const { userId } = await lab.person(tenant, "dora", "viewer");
    const row = { action: "sign-in.refused", entity: { type: "sign-in", id: "1" } };
    const refuse = (first: "row" | "count") =>
      lab.as(tenant, async (tx) => {
        if (first === "row") await appendRow(tx, row);
        await lab.deps.watch!.refused(tx, { userId, address: "10.4.4.4" });
        await setTimeout(20);
        if (first === "count") await appendRow(tx, row);
      });
    await Promise.all(Array.from({ length: 6 }, (_, n) => refuse(n % 2 ? "row" : "count")));
    const { rows } = await lab.database.superuser.query("select failures from sign_in_failures where tenant_id = $1", [
      tenant.tenantId,
    ]);
    assert.deepEqual(rows, [{ failures: 6 }, { failures: 6 }]);
  });

  it("failures of an account and of a network are reported over a threshold, also for accounts that nobody has", async () => {
    const tenant = await lab.tenant();
    const { userId } = await lab.person(tenant, "vik", "viewer");
    const fail = (who: string | null, address: string) =>
      lab.as(tenant, (tx) => lab.deps.watch!.refused(tx, { userId: who, address }));
    for (let n = 0; n < 9; n++) await fail(userId, `10.${n}.0.1`);
    assert.deepEqual(await anomalies(tenant), []);
    await fail(userId, "10.99.0.1");
    assert.deepEqual(await anomalies(tenant), ["anomaly.many-failures"]);
    // A /48 is one source, however many addresses it has.
    for (let n = 1; n <= 30; n++) await fail(null, `2001:db8:1:${n}::1`);
    assert.deepEqual(await anomalies(tenant), ["anomaly.many-failures", "anomaly.many-failures"]);
    const { rows } = await lab.database.superuser.query(
      "select entity_type || ' ' || entity_id as entity from ledger.rows where tenant_id = $1 and action = 'anomaly.many-failures' order by seq",
      [tenant.tenantId],
    );
    assert.equal(rows[0].entity, `user ${userId}`);
    assert.match(rows[1].entity, /^network [0-9a-f]{32}$/, "no address in a header");
    const { notices } = await inbox(tenant, userId);
    assert.match(notices[0]!.text, /10 sign-ins failed within 15 minutes for one account \(last from 10\.99\.0\.1\)/);
    await lab.verify(tenant);
  });

  it("a notice is read once, and a row says by whom; e-mails can be switched off", async () => {
    const tenant = await lab.tenant();
    const { userId } = await lab.person(tenant, "quiet", "owner");
    await lab.as(tenant, (tx) => setWantsMail(tx, userId, false));
    const entity = { type: "saml", id: "1" };
    await lab.as(tenant, (tx) => reportAnomaly(lab.deps, tx, { kind: "sign-in-changed", entity, data: {} }));
    const read = () => lab.as(tenant, (tx) => readNotices(tx, userId, null));
    assert.deepEqual([await read(), await read()], [1, 0]);
    assert.equal((await inbox(tenant, userId)).unread, 0);
    assert.deepEqual((await lab.actions(tenant)).slice(-3), [
      "notices.settings-changed",
      "anomaly.sign-in-changed",
      "notices.read",
    ]);
    await lab.sendDue(tenant);
    assert.ok(!(await smtp.mails()).some((mail) => mail.to.includes("quiet@site.example")));
  });

  it("pages through a person's notices, and shows nobody another's or another tenant's", async () => {
    const [alder, birch] = [await lab.tenant("Alder"), await lab.tenant("Birch")];
    const { userId } = await lab.person(alder, "pia", "owner");
    for (let n = 0; n < 7; n++) {
      const entity = { type: "export", id: `e${n}` };
      await lab.as(alder, (tx) => reportAnomaly(lab.deps, tx, { kind: "large-export", entity, data: { events: n } }));
    }
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const wanted = { after, limit: 3, unread: false };
      const { notices, next } = await lab.as(alder, (tx) => listNotices(tx, userId, wanted));
      seen.push(...notices.map(({ entity }) => entity.id));
      if (!next) break;
      after = next;
    }
    assert.deepEqual(seen, ["e6", "e5", "e4", "e3", "e2", "e1", "e0"]);
    assert.deepEqual((await inbox(birch, userId)).notices, []);
    assert.equal(await lab.as(birch, (tx) => readNotices(tx, userId, null)), 0);
    const planted = withTenant(lab.seeds.pool, birch.principal, (tx) =>
      tx.query(
        "insert into notices (tenant_id, user_id, kind, entity_type, entity_id, data) values ($1, $2, 'x', 'x', 'x', '{}')",
        [alder.tenantId, userId],
      ),
    );
    await assert.rejects(planted, /row-level security/);
  });

  it("networks, devices, wide keys and large exports are told apart", () => {
    assert.deepEqual(["10.1.2.3", "::ffff:10.1.2.9", "2001:db8:1:2::5", "fe80::1", "nonsense"].map(networkOf), [
      "10.1.2.0/24",
      "10.1.2.0/24",
      "2001:db8:1::/48",
      "fe80::/48",
      "unknown",
    ]);
    assert.deepEqual([firefox, safari, "curl/8"].map(deviceName), [
      "Firefox on Windows",
      "Safari on iOS",
      "an unknown browser on an unknown system",
    ]);
    const token = deviceToken(undefined);
    assert.equal(deviceToken(`a=b; ${deviceCookie(token).split(";")[0]}`), token);
    assert.notEqual(deviceToken("__Host-ledgerstone-device=short"), "short");
    assert.deepEqual(wideRights(["sites:read", "evidence:export"], null), ["evidence:export"]);
    assert.deepEqual(wideRights(["sites:read", "evidence:export"], [crypto.randomUUID()]), []);
    const size = (events: number) => ({ events, bytes: events * 100 });
    assert.equal(isUnusuallyLarge(size(1_000_000), []), true);
    assert.equal(isUnusuallyLarge(size(50_000), []), false, "no history, no habit");
    const history = [size(1_000), size(2_000), size(500)];
    assert.deepEqual(
      [6_000, 6_001].map((n) => isUnusuallyLarge(size(n), history)),
      [false, true],
    );
    assert.equal(isUnusuallyLarge(size(900), [size(1), size(1), size(1)]), false, "small stays small");
  });

  it("every kind has a text, and an unknown one still shows", () => {
    for (const kind of NOTICE_KINDS) {
      const { title, text } = noticeText(kind, {});
      assert.ok(title.length > 5 && text.length > 20, kind);
    }
    assert.equal(noticeText("later.kind", { a: 1 }).text, '{"a":1}');
  });
});
