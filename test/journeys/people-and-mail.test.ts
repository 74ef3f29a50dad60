import assert from "node:assert/strict";
import { join } from "node:path";
import type { Document } from "../../src/http/openapi/document.ts";
import { parseTrust } from "../../src/record/scope.ts";
import { openBundlePath, verifyBundle } from "../../src/verifier/index.ts";
import { compiler, pointerTo } from "../http/openapi-document.ts";
import { openPersons, type Person, type Persons } from "../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";
import { type SmtpServer, startSmtp } from "../support/smtp.ts";
import { type Visitor, visitor } from "../support/visitor.ts";

type Notices = { notices: { noticeId: string; kind: string; title: string; readAt: string | null }[]; unread: number };
type Case = {
  caseId: string;
  state: string;
  daysLeft: number;
  content: { about: string } | null;
  requests: { requestId: string }[];
};

describe("journey: people are told, sign out, and ask to be forgotten", function () {
  this.timeout(240_000);
  let smtp: SmtpServer;
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;
  let owner: Person;
  let by: Visitor;
  let document: Document;
  let compile: ReturnType<typeof compiler>;
  const slug = "alder-works";

  before(async () => {
    smtp = await startSmtp({ login: { user: "ledgerstone", password: "correct horse" } });
    appliance = await startAppliance({
      configure: (config) => {
        config.smtp = smtp.section;
        config.http = { ...config.http, publicUrl: `https://localhost:${config.http!.port}` };
        config.limits = { auth: 1000, settings: 1000, general: 1000, write: 1000 };
        config.retention = { reconcileSeconds: 1 };
      },
    });
    tenant = await appliance.createTenant("Alder Works");
    document = (await appliance.call("", "GET", "/api/openapi.json")).json<Document>();
    compile = compiler(document);
    persons = await openPersons(appliance);
    owner = await persons.make(tenant.tenantId, "olga", [{ role: "owner" }]);
    await persons.inTenant(tenant.tenantId, (tx) =>
      tx.query("select ledger.append('system', 'test', 'cli', 'test.mail', 'user', $1, gen_random_uuid())", [
        owner.userId,
      ]),
    );
    await appliance.superuser.query("update users set email = 'olga@site.example' where user_id = $1", [owner.userId]);
    by = visitor(appliance);
  });
  after(async () => {
    await by?.close();
    await persons?.stop();
    await appliance?.stop();
    await smtp?.stop();
  });

  const ok = async <T>(answer: Promise<{ status: number; body: string; json<U>(): U }>): Promise<T> => {
    const { status, body, json } = await answer;
    assert.ok(status < 300, `${status} ${body}`);
    return (body === "" ? undefined : json()) as T;
  };
  const api = <T>(method: string, path: string, body?: unknown) =>
    ok<T>(appliance.call(tenant.apiKey, method, `/api/v1${path}`, body));
  /** As a person, and held against the document. */
  async function own<T>(person: Person, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await person.call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    const template = path
      .split("?")[0]!
      .replace(/(?<=users\/)[0-9a-f-]{36}/, "{userId}")
      .replace(/(?<=sessions\/)[0-9a-f-]{36}/, "{sessionId}");
    const told = document.paths[template]![method.toLowerCase()]!.responses[String(answer.status)];
    assert.ok(told, `${method} ${template}: the document has no ${answer.status}`);
    if (answer.body === "") return undefined as T;
    const place = pointerTo(
      "paths",
      template,
      method.toLowerCase(),
      "responses",
      String(answer.status),
      "content",
      "application/json",
      "schema",
    );
    const fits = compile(place);
    assert.ok(fits(JSON.parse(answer.body)), `${method} ${template}: ${JSON.stringify(fits.errors)}`);
    return answer.json<T>();
  }
  const linkIn = (text: string) => /https:\/\/\S+\/erasure\/\S+/.exec(text)![0];

  it("sends a test mail, and says what is wrong without SMTP", async () => {
    assert.match(
      await appliance.cli(["mail", "test", "--to", "admin@site.example"]),
      /took the mail to admin@site\.example/,
    );
    await smtp.mailTo("admin@site.example");
    await assert.rejects(appliance.cli(["mail", "test", "--to", "a@b\r\nBcc: c@d"]), /no mail address/);
  });

  it("tells an owner of a wide key in the console and by mail, also while the SMTP server is away", async () => {
    await smtp.kill();
    await api("POST", "/api-keys", { name: "everything", permissions: ["evidence:export", "sites:read"] });
    const told = await own<Notices>(owner, "GET", "/api/v1/notices");
    assert.deepEqual([told.unread, told.notices[0]!.kind], [1, "anomaly.wide-key"]);
    await smtp.start();
    const mail = await smtp.mailTo("olga@site.example", ({ headers }) => /wide rights/.test(headers.subject ?? ""));
    assert.match(mail.text, /evidence:export/);
    assert.match(mail.text, new RegExp(appliance.apiUrl));
    assert.deepEqual(await own(owner, "POST", "/api/v1/notices/read", { all: true }), { read: 1 });
    assert.equal((await own<Notices>(owner, "GET", "/api/v1/notices?unread=true")).notices.length, 0);
    const settings = { mail: true, address: "olga@site.example", smtp: true };
    assert.deepEqual(await own(owner, "GET", "/api/v1/notices/settings"), settings);
    assert.deepEqual(await own(owner, "PUT", "/api/v1/notices/settings", { mail: false }), {
      ...settings,
      mail: false,
    });
    assert.deepEqual(await own(owner, "POST", "/api/v1/notices/test-mail"), { sentTo: "olga@site.example" });
    await smtp.mailTo("olga@site.example", ({ headers }) => /A test of your/.test(headers.subject ?? ""));
    const key = await appliance.call(tenant.apiKey, "GET", "/api/v1/notices");
    assert.equal(key.status, 403, "a key is nobody");
    const { anomalies } = await api<{ anomalies: { kind: string }[] }>("GET", "/anomalies");
    assert.deepEqual(
      anomalies.map(({ kind }) => kind),
      ["wide-key"],
    );
  });

  it("lists sessions, ends all but one's own, and an admin anybody's, at once", async () => {
    const vera = await persons.make(tenant.tenantId, "vera", [{ role: "viewer" }]);
    const other = await vera.again();
    type Listed = { sessions: { sessionId: string; current: boolean }[] };
    const { sessions } = await own<Listed>(vera, "GET", "/api/v1/sessions");
    assert.deepEqual(
      sessions.map(({ current }) => current),
      [false, true],
    );
    assert.deepEqual(await own(vera, "POST", "/api/v1/sessions/log-out-everywhere"), { ended: 1 });
    assert.equal((await other.call("GET", "/api/v1/sessions")).status, 401);
    const theirs = `/api/v1/users/${vera.userId}`;
    assert.equal((await vera.call("GET", `${theirs}/sessions`)).status, 403);
    const third = await vera.again();
    const [another] = (await own<Listed>(third, "GET", "/api/v1/sessions")).sessions.filter(({ current }) => current);
    await own(vera, "DELETE", `/api/v1/sessions/${another!.sessionId}`);
    assert.equal((await third.call("GET", "/api/v1/sessions")).status, 401);
    const seen = await own<Listed>(owner, "GET", `${theirs}/sessions`);
    assert.equal(seen.sessions.length, 1);
    const mine = await own<Listed>(owner, "GET", "/api/v1/sessions");
    const crossed = await vera.call("DELETE", `/api/v1/sessions/${mine.sessions[0]!.sessionId}`);
    assert.equal(crossed.status, 404);
    assert.deepEqual(await own(owner, "POST", `${theirs}/log-out-everywhere`), { ended: 1 });
    assert.equal((await vera.call("GET", "/api/v1/sessions")).status, 401);
  });

  it("takes a request by the public page once its sender has confirmed it, and carries it to the certificate", async () => {
    assert.equal((await by.get(`/erasure/${slug}`)).status, 404);
    await api("PATCH", "/tenant", { erasurePage: true });
    const page = await by.get(`/erasure/${slug}`);
    assert.match(page.headers["content-security-policy"]!, /default-src 'none'.*form-action 'self'/);
    assert.match(page.body, /<h1>Have your data erased<\/h1>/);
    const form = { about: "plate AB12CDE <script>alert(1)</script>", email: "jane@mail.example", name: "" };
    const wrong = await by.post(`/erasure/${slug}`, { ...form, email: "jane" });
    assert.deepEqual([wrong.status, /<script>alert/.test(wrong.body)], [400, false]);
    assert.equal((await by.post(`/erasure/${slug}`, form, { "sec-fetch-site": "cross-site" })).status, 403);
    for (let again = 0; again < 2; again++) assert.equal((await by.post(`/erasure/${slug}`, form)).status, 202);
    const mail = await smtp.mailTo("jane@mail.example");
    assert.equal((await smtp.mails()).filter(({ to }) => to.includes("jane@mail.example")).length, 1);
    const cases = () => api<{ cases: Case[] }>("GET", "/erasure-cases");
    assert.deepEqual((await cases()).cases, []);
    const link = linkIn(mail.text).slice(appliance.apiUrl.length);
    assert.match((await by.get(link)).body, /It was me: confirm/);
    assert.deepEqual((await cases()).cases, [], "following the link alone confirms nothing");
    const token = new URL(`https://x${link}`).searchParams.get("token")!;
    const confirm = () => by.post(`/erasure/${slug}/confirm`, { token });
    assert.deepEqual([(await confirm()).status, (await confirm()).status], [200, 404]);

    const [{ caseId, daysLeft }] = (await cases()).cases as [Case];
    assert.ok(daysLeft >= 28 && daysLeft <= 31);
    assert.match((await api<Case>("GET", `/erasure-cases/${caseId}`)).content!.about, /AB12CDE/);
    const { siteId } = await api<{ siteId: string }>("POST", "/sites", { name: "Gate" });
    const event = { kind: "gate.opened", occurred: new Date().toISOString(), body: {}, subjects: ["plate:AB12CDE"] };
    await api("POST", `/events?site=${siteId}`, [event]);
    await api("POST", `/erasure-cases/${caseId}/identity-check`, {
      method: "document-seen",
      evidence: "registration shown",
    });
    const accepted = await api<Case>("POST", `/erasure-cases/${caseId}/acceptance`, { subjects: ["plate:AB12CDE"] });
    assert.equal(accepted.requests.length, 1);
    const done = async () => (await api<Case>("GET", `/erasure-cases/${caseId}`)).state === "executed";
    await waitUntil("the case's end", done, { timeoutMs: 60_000, everyMs: 300 });
    const certificate = await api<{ certificates: { total: { events: number } }[] }>(
      "GET",
      `/erasure-cases/${caseId}/certificate`,
    );
    assert.equal(certificate.certificates[0]!.total.events, 1);
    await smtp.mailTo("jane@mail.example", ({ headers }) => /was carried out/.test(headers.subject ?? ""));
  });

  it("erases a person by POST /erasure-requests; the chain and a bundle of it verify", async () => {
    const gone = await persons.make(tenant.tenantId, "gerd.gone", [{ role: "viewer" }]);
    const identity = { method: "in-person", evidence: "Gerd came to the office" };
    const wanted = { subject: `user:${gone.userId}`, reason: "left the company", identity };
    const { requestId } = await api<{ requestId: string }>("POST", "/erasure-requests", wanted);
    const done = async () => (await api<{ complete: boolean }>("GET", `/erasure-requests/${requestId}`)).complete;
    await waitUntil("the erasure", done, { timeoutMs: 60_000, everyMs: 300 });
    assert.equal((await gone.call("GET", "/api/v1/sessions")).status, 401);
    const { rows } = await appliance.superuser.query("select user_name from users where user_id = $1", [gone.userId]);
    assert.equal(rows[0].user_name, `erased-${gone.userId}`);
    const openings = "select from ledger.openings where content like '%gerd.gone%'";
    assert.equal((await appliance.superuser.query(openings)).rowCount, 0);
    await appliance.cli(["seal"]);
    await appliance.cli(["verify", "--tenant", tenant.tenantId]);
    const out = join(appliance.directory, "bundle.zip");
    await appliance.cli([
      "export",
      "--tenant",
      tenant.tenantId,
      "--out",
      out,
      "--from",
      "2020-01-01T00:00:00Z",
      "--to",
      "2100-01-01T00:00:00Z",
    ]);
    const trust = parseTrust(await appliance.cli(["trust", "--json"]));
    const { source, close } = await openBundlePath(out);
    const verdict = await verifyBundle(source, { trust }).finally(close);
    assert.equal(verdict.exitCode, 0, JSON.stringify(verdict.checks));
  });
});
