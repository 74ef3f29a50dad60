import assert from "node:assert/strict";
import { connect } from "node:tls";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { raw } from "./raw.ts";

const general = 40;
/** The proxy's address here; whoever comes from 127.0.0.1 is no proxy. */
const proxy = "127.0.0.2";

describe("http: what stands before every route", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { general, write: 6000, settings: 6000 };
        config.http!.trustedProxies = [`${proxy}/32`, "10.0.0.0/8"];
        config.http!.securityContact = ["mailto:security@example.com", "https://example.com/report"];
        config.http!.publicUrl = "https://ledger.example.internal";
      },
    });
    tenant = await appliance.createTenant("Alder");
  });
  after(() => appliance?.stop());

  const get = (path: string, { from = "127.0.0.1", key = "", ...headers }: Record<string, string> = {}) =>
    raw(`https://127.0.0.1:${appliance.ports.api}${path}`, {
      ca: appliance.ca,
      localAddress: from,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
    });

  it("every answer tells browsers to come by TLS alone, to run nothing, and to be framed by nobody", async () => {
    for (const path of ["/healthz", "/api/v1/sites", "/api/docs", "/no-such", "/.well-known/security.txt"]) {
      const { headers } = await get(path);
      assert.equal(headers["strict-transport-security"], "max-age=31536000; includeSubDomains", path);
      assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.match(String(headers["content-security-policy"]), /object-src 'none'/, path);
      assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe|\*/, path);
      assert.equal(headers["x-content-type-options"], "nosniff", path);
      assert.equal(headers["referrer-policy"], "no-referrer", path);
      assert.equal(headers["x-powered-by"], undefined, path);
    }
  });

  it("TLS 1.2 and 1.3 are spoken, and nothing older", async () => {
    const speak = (port: number, version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
      new Promise<string | null>((resolve, reject) => {
        const options = { minVersion: version, maxVersion: version, ca: appliance.ca, ciphers: "DEFAULT@SECLEVEL=0" };
        const socket = connect({ host: "127.0.0.1", port, ...options }, () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
        socket.once("error", reject);
      });
    for (const port of [appliance.ports.api, appliance.ports.device]) {
      assert.equal(await speak(port, "TLSv1.2"), "TLSv1.2");
      assert.equal(await speak(port, "TLSv1.3"), "TLSv1.3");
      await assert.rejects(speak(port, "TLSv1.1"), /protocol version|unsupported/i);
    }
  });

  it("security.txt says where to report a weakness (RFC 9116)", async () => {
    const { status, headers, body } = await get("/.well-known/security.txt");
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.match(body, /^Contact: mailto:security@example\.com\nContact: https:\/\/example\.com\/report\nExpires: /);
    assert.match(body, /^Canonical: https:\/\/ledger\.example\.internal\/\.well-known\/security\.txt$/m);
    const days = (Date.parse(/^Expires: (.*)$/m.exec(body)![1]!) - Date.now()) / 86_400_000;
    assert.ok(days > 30 && days < 366, `expires in ${days} days`);
  });

  describe("the true client's address", () => {
    let narrow: string;
    before(async () => {
      const body = { name: "narrow", permissions: ["sites:read"], ipAllowlist: ["203.0.113.0/24"] };
      narrow = (await appliance.call(tenant.apiKey, "POST", "/api/v1/api-keys", body)).json<{ key: string }>().key;
    });
    const ask = async (from: string, forwarded: string) =>
      (await get("/api/v1/sites", { from, key: narrow, "x-forwarded-for": forwarded })).status;

    it("comes from X-Forwarded-For when a trusted proxy says it", async () => {
      assert.equal(await ask(proxy, "203.0.113.5"), 200);
      assert.equal(await ask(proxy, "198.51.100.7"), 401);
      assert.equal(await ask(proxy, "203.0.113.5, 10.1.2.3"), 200, "through two of our proxies");
    });

    it("is not what an untrusted one says, nor what a client put before the proxy's word", async () => {
      assert.equal(await ask("127.0.0.1", "203.0.113.5"), 401);
      assert.equal(await ask(proxy, "203.0.113.5, 198.51.100.7"), 401);
      assert.equal(await ask(proxy, "203.0.113.5, 127.0.0.1"), 401);
      const spoofs = { "x-real-ip": "203.0.113.5", forwarded: "for=203.0.113.5", "x-client-ip": "203.0.113.5" };
      assert.equal((await get("/api/v1/sites", { key: narrow, ...spoofs })).status, 401);
    });

    it("is what limits count: a forged header does not start a new count, a proxy's word does", async () => {
      const guess = (from: string, n: number) =>
        get("/api/v1/sites", { from, key: "atc_guess", "x-forwarded-for": `203.0.113.${n}` });
      const statuses = async (from: string): Promise<number[]> => {
        const all: number[] = [];
        for (let n = 0; n <= general; n++) all.push((await guess(from, n)).status);
        return all;
      };
      assert.equal((await statuses("127.0.0.1")).at(-1), 429);
      assert.ok((await statuses(proxy)).every((status) => status === 401));
    });
  });
});
