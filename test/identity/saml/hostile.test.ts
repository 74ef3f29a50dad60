import assert from "node:assert/strict";
import type { SignInOutcome } from "../../../src/identity/saml/finish.ts";
import type { ResponseTo } from "../../support/saml-idp.ts";
import { type Bare, bareLibrary, bareWithin } from "./bare.ts";
import type { Bench, Case } from "./cases.ts";
import { contentCases } from "./cases-content.ts";
import { signatureCases } from "./cases-signature.ts";
import { textCases } from "./cases-text.ts";
import { type Flow, type Lab, openLab, respond } from "./lab.ts";
import { comparePage, type Row } from "./table.ts";

const timeLimitMs = 3_000;

describe("identity/saml: hostile responses", function () {
  this.timeout(30_000);
  let lab: Lab;
  const rows: Row[] = [];
  before(async () => {
    lab = await openLab();
  });
  after(() => lab?.stop());

  const bench = ({ to }: Flow): Bench => ({
    idp: lab.idp,
    stranger: lab.stranger,
    to,
    certificate: lab.alder.certificate,
  });
  const sessions = async (): Promise<number> => {
    const { rows: counted } = await lab.database.superuser.query("select count(*)::int as n from sessions");
    return counted[0].n;
  };
  const note = (name: string, alone: string, { kind, ...rest }: SignInOutcome): void => {
    rows.push({ name, alone, here: "reason" in rest ? `refuses: \`${rest.reason}\`` : kind });
  };
  const told = (bare: Bare | undefined): string => {
    if (bare === undefined) return `**is still at it after ${timeLimitMs / 1_000} s**`;
    if (!bare.accepts) return "refuses";
    return /^(?:admin@example\.test|attacker)$/.test(bare.nameId)
      ? "**accepts, as whom the attacker wants**"
      : "**accepts**";
  };

  async function alone({ profile, slow }: Case, to: ResponseTo, response: string): Promise<Bare | undefined> {
    const options = { idp: lab.idp, decryptionKey: lab.alder.decryptionKey, ...(profile && { profile }) };
    return slow ? bareWithin(timeLimitMs, response, to, options) : bareLibrary(to, options)(response);
  }

  it("the response that the cases are made of is believed, by the library too", async () => {
    for (const profile of ["response-and-assertion", "assertion-only"] as const) {
      await lab.alder.configure({ profile });
      const flow = await lab.alder.begin();
      const response = respond(lab.idp, { ...flow.to, ...(profile === "assertion-only" && { signed: "assertion" }) });
      const bare = await bareLibrary(flow.to, { idp: lab.idp, profile })(response);
      assert.deepEqual(bare, { accepts: true, nameId: "anna@example.test" });
      assert.equal((await lab.alder.answer(flow, response)).kind, "signed-in");
    }
    await lab.alder.configure();
  });

  for (const each of [...contentCases, ...textCases, ...signatureCases]) {
    it(`refuses: ${each.name}`, async () => {
      if (each.profile) await lab.alder.configure({ profile: each.profile });
      const before = await sessions();
      const flow = await lab.alder.begin();
      const response = each.make(bench(flow));
      const began = Date.now();
      const outcome = await lab.alder.answer(flow, response);
      assert.ok(Date.now() - began < timeLimitMs + 1_000, "bounded in time");
      if (each.profile) await lab.alder.configure();

      assert.deepEqual(outcome, { kind: "refused", reason: each.reason });
      assert.equal(await sessions(), before);
      const [row] = await lab.alder.details("saml.refused");
      assert.equal(row?.reason, each.reason);
      // A refusal uses the request up: the right response comes too late.
      assert.deepEqual(await lab.alder.answer(flow, respond(lab.idp, flow.to)), {
        kind: "refused",
        reason: "relay-state",
      });
      note(each.name, told(await alone(each, flow.to, response)), outcome);
    });
  }

  describe("from the right provider, in the wrong hands", () => {
    const refused = (reason: string) => ({ kind: "refused", reason });

    it("refuses: replay, one after the other", async () => {
      const flow = await lab.alder.begin();
      const response = respond(lab.idp, flow.to);
      assert.equal((await lab.alder.answer(flow, response)).kind, "signed-in");
      const second = await lab.alder.answer(flow, response);
      assert.deepEqual(second, refused("relay-state"));
      const library = bareLibrary(flow.to, { idp: lab.idp });
      assert.ok((await library(response)).accepts);
      note("replay, one after the other", told(await library(response)), second);
    });

    it("refuses: replay, all at once", async () => {
      const flow = await lab.alder.begin();
      const response = respond(lab.idp, flow.to);
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => lab.alder.answer(flow, response)));
      assert.equal(outcomes.filter(({ kind }) => kind === "signed-in").length, 1);
      const others = outcomes.filter(({ kind }) => kind !== "signed-in");
      for (const outcome of others)
        assert.ok(outcome.kind === "refused" && /^(replayed|relay-state)$/.test(outcome.reason));
      const library = bareLibrary(flow.to, { idp: lab.idp });
      const [, second] = await Promise.all([library(response), library(response)]);
      note("replay, all at once", told(second), { kind: "refused", reason: "replayed" });
    });

    it("refuses: an assertion that another request has used up", async () => {
      const [first, second] = [await lab.alder.begin(), await lab.alder.begin()];
      const response = respond(lab.idp, first.to);
      assert.equal((await lab.alder.answer(first, response)).kind, "signed-in");
      // As if both requests had one id: then the assertion's own id is all that tells.
      await lab.database.superuser.query("update saml_requests set request_id = $1 where relay_state = $2", [
        first.to.requestId,
        second.relayState,
      ]);
      assert.deepEqual(await lab.alder.answer(second, response), refused("replayed"));
    });

    it("refuses: login CSRF, the attacker's response in the victim's browser", async () => {
      const attacker = await lab.alder.begin();
      const victim = await lab.alder.begin();
      const response = respond(lab.idp, { ...attacker.to, nameId: "attacker" });
      const form = { SAMLResponse: response, RelayState: attacker.relayState };
      assert.deepEqual(await lab.alder.post(form), refused("browser"));
      const outcome = await lab.alder.post(form, victim.binding);
      assert.deepEqual(outcome, refused("browser"));
      note(
        "login CSRF: the attacker's response in the victim's browser",
        told(await bareLibrary(attacker.to, { idp: lab.idp })(response)),
        outcome,
      );
      // The cookie is what stops it: with the attacker's own it is a sign-in, and nobody has used the request up meanwhile.
      assert.equal((await lab.alder.post(form, attacker.binding)).kind, "signed-in");
    });

    it("refuses: another tenant's response", async () => {
      const [here, there] = [await lab.alder.begin(), await lab.birch.begin()];
      const response = respond(lab.idp, there.to);
      const outcome = await lab.alder.answer(here, response);
      assert.deepEqual(outcome, refused("in-response-to"));
      const bare = await bareLibrary({ ...here.to, requestId: there.to.requestId }, { idp: lab.idp })(response);
      note("another tenant's response", told(bare), outcome);
      assert.equal((await lab.birch.answer(there, response)).kind, "signed-in");
    });

    it("refuses: another tenant's RelayState, with all that belongs to it", async () => {
      const there = await lab.birch.begin();
      assert.deepEqual(await lab.alder.answer(there, respond(lab.idp, there.to)), refused("relay-state"));
      assert.equal((await lab.birch.answer(there, respond(lab.idp, there.to))).kind, "signed-in");
    });

    it("refuses: a RelayState that was never given", async () => {
      const flow = await lab.alder.begin();
      const form = { SAMLResponse: respond(lab.idp, flow.to), RelayState: "x".repeat(32) };
      const outcome = await lab.alder.post(form, flow.binding);
      assert.deepEqual(outcome, refused("relay-state"));
      note(
        "unsolicited: a RelayState that was never given",
        told(await bareLibrary(flow.to, { idp: lab.idp })(form.SAMLResponse)),
        outcome,
      );
    });

    it("refuses: an answer after ten minutes", async () => {
      const flow = await lab.alder.begin();
      await lab.database.superuser.query(
        "update saml_requests set expires_at = now() - interval '1 s' where relay_state = $1",
        [flow.relayState],
      );
      assert.deepEqual(await lab.alder.answer(flow, respond(lab.idp, flow.to)), refused("relay-state"));
    });

    it("refuses: an answer after SAML was switched off, or another provider configured", async () => {
      const [first, second] = [await lab.alder.begin(), await lab.alder.begin()];
      await lab.alder.configure({ enabled: false });
      assert.deepEqual(await lab.alder.answer(first, respond(lab.idp, first.to)), refused("not-configured"));
      const { entityId, certificate } = lab.stranger;
      await lab.alder.configure({
        idp: { entityId, ssoUrl: "https://stranger.test/sso", certificates: [certificate] },
      });
      assert.deepEqual(await lab.alder.answer(second, respond(lab.idp, second.to)), refused("signature"));
      await lab.alder.configure();
    });

    it("refuses: forms that hold lists, more, or less", async () => {
      const { to, relayState: RelayState, binding } = await lab.alder.begin();
      const SAMLResponse = respond(lab.idp, to);
      for (const form of [
        { SAMLResponse: [SAMLResponse, SAMLResponse], RelayState },
        { SAMLResponse, RelayState, SAMLart: "x" },
        { SAMLResponse },
        { RelayState },
        { SAMLResponse: { toString: 1 }, RelayState },
        null,
      ]) {
        assert.deepEqual(await lab.alder.post(form, binding), refused("form"));
      }
      assert.equal((await lab.alder.post({ SAMLResponse, RelayState }, binding)).kind, "signed-in");
    });
  });

  // A suite of its own: it comes after the others.
  describe("the page", () => {
    it("docs/saml.md tells what these cases gave", async () => {
      const { found, expected } = await comparePage(rows);
      assert.equal(found, expected, "run this file with WRITE_SAML_TABLE=1");
    });
  });
});
