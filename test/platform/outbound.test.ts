import assert from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { Agent, fetch, request } from "undici";
import type { AppError } from "../../src/platform/errors.ts";
import { refusalOf } from "../../src/platform/outbound-address.ts";
import { broad, buildStage, limits, publicAddress, publicNetwork, type Stage } from "./outbound-stage.ts";

const refused = (error: unknown): boolean => (error as AppError).code === "destination-refused";
const failed = (error: unknown): boolean => (error as AppError).code === "outbound-failed";
const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));

describe("outbound: requests", () => {
  let stage: Stage;
  before(async () => {
    stage = await buildStage((req, res) => {
      if (req.url === "/away") res.writeHead(302, { location: `https://127.0.0.1:${stage.port}/secret` }).end();
      else if (req.url === "/large") res.end(Buffer.alloc(1_000_000));
      else if (req.url === "/latin") res.end(Buffer.from([0xe9, 0x20]));
      else if (req.url === "/drip") {
        const timer = setInterval(() => res.write("x"), 50);
        res.on("close", () => clearInterval(timer));
      } else res.end(`the inside, ${req.method}`);
    });
  });
  after(() => stage.stop());

  /** What a client without the guard gets: the attack. */
  const unguarded = async (url: string, resolve?: (host: string) => Promise<string[]>): Promise<string> => {
    const lookup = (host: string, _: object, callback: (error: null, all: object[]) => void) => {
      void resolve!(host).then((all) =>
        callback(
          null,
          all.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        ),
      );
    };
    const agent = new Agent({ connect: { rejectUnauthorized: false, ...(resolve && { lookup: lookup as never }) } });
    try {
      return await (await request(url, { dispatcher: agent })).body.text();
    } finally {
      await agent.destroy();
    }
  };
  /** The guard refuses, and nothing of it reached the inside. */
  const isRefused = async (url: string, config: Parameters<Stage["outbound"]>[0] = {}) => {
    const before = stage.hits();
    await assert.rejects((await stage.outbound(config)).request(url, limits), refused, url);
    assert.equal(stage.hits(), before, `${url} reached the inside`);
  };

  it("an address of this machine is refused in every spelling, by the broadest allowlist too", async () => {
    const spellings = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.01"];
    const others = [
      "127.0.0.1.",
      "①②⑦.0.0.1",
      "127。0。0。1",
      "0.0.0.0",
      "0",
      "localhost",
      "[::1]",
      "[::]",
      "[0:0::1]",
    ];
    const mapped = ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]"];
    for (const host of [...spellings, ...others, ...mapped]) {
      const url = `https://${host}:${stage.port}/`;
      assert.equal(await unguarded(url), "the inside, GET", url);
      const network = { resolve: async () => ["127.0.0.1", "::1"] };
      const before = stage.hits();
      for (const config of [{}, broad]) {
        await assert.rejects((await stage.outbound(config, network)).request(url, limits), refused, url);
      }
      assert.equal(stage.hits(), before, url);
    }
    for (const address of own.filter((each) => !each.startsWith("fe80"))) {
      const host = address.includes(":") ? `[${address}]` : address;
      assert.equal(await unguarded(`https://${host}:${stage.port}/`), "the inside, GET", address);
      await isRefused(`https://${host}:${stage.port}/`, broad);
    }
  });

  it("a guard in `lookup` alone lets addresses through, since it is not called for them", async () => {
    let called = 0;
    const guard = async () => {
      called++;
      return ["198.51.100.1"];
    };
    const url = `https://127.0.0.1:${stage.port}/`;
    assert.equal(await unguarded(url, guard), "the inside, GET");
    assert.equal(called, 0);
    await isRefused(url, broad);
  });

  it("a name is refused for what it means", async () => {
    for (const name of ["inside.test", "inside6.test", "mapped.test"]) {
      const url = `https://${name}:${stage.port}/`;
      assert.equal(await unguarded(url, stage.dns.resolve), "the inside, GET");
      await isRefused(url, broad);
    }
    await isRefused("https://metadata.test/latest/meta-data", broad);
    await isRefused("https://private.test/");
    await assert.rejects((await stage.outbound()).request("https://none.test/", limits), failed);
  });

  it("one address of the inside among others refuses the name: the attacker chooses which one is tried", async () => {
    const url = `https://mixed.test:${stage.port}/`;
    assert.equal(await unguarded(url, stage.dns.resolve), "the inside, GET");
    await isRefused(url, { allow: [publicNetwork] });
  });

  it("a name that changes its meaning after the check leads nowhere else", async () => {
    const url = `https://rebind.test:${stage.port}/`;
    stage.dns.asked.clear();
    const [checked] = await stage.dns.resolve("rebind.test");
    assert.equal(refusalOf(checked!, stage.port, { allow: [publicNetwork], loopbackPorts: [] }), null);
    assert.equal(await unguarded(url, stage.dns.resolve), "the inside, GET", "checked, then looked up again");
    stage.dns.asked.clear();
    const before = stage.hits();
    await assert.rejects((await stage.outbound({ allow: [publicNetwork] })).request(url, limits), failed);
    assert.equal(stage.hits(), before);
    assert.equal(stage.dns.asked.get("rebind.test"), 1, "it is looked up once");
    stage.dns.asked.set("rebind.test", 1);
    await isRefused(url, { allow: [publicNetwork] });
  });

  it("a connection that ends at another address than the one asked for is cut before anything is sent", async () => {
    const network = {
      resolve: async () => [publicAddress],
      connect: ({ port }: { port: number }) => connect({ host: "127.0.0.1", port }),
    };
    const before = stage.hits();
    const outbound = await stage.outbound({ allow: [publicNetwork] }, network);
    await assert.rejects(outbound.request(`https://good.test:${stage.port}/`, { ...limits, ca: [stage.ca] }), refused);
    assert.equal(stage.hits(), before);
  });

  it("what is allowed is reached: a port of this machine that the operator opened, with its certificate checked", async () => {
    const outbound = await stage.outbound({ loopbackPorts: [stage.port] });
    const url = `https://good.test:${stage.port}/`;
    const answer = await outbound.request(url, { ...limits, ca: [stage.ca], method: "POST", body: "x" });
    assert.deepEqual([answer.status, answer.body.toString()], [200, "the inside, POST"]);
    assert.equal(await outbound.fetchText(url, { ...limits, ca: [stage.ca] }), "the inside, GET");
    await assert.rejects(outbound.fetchText(url, limits), failed, "an authority that nobody named");
    const foreign = outbound.fetchText(`https://127.0.0.1:${stage.port}/`, { ...limits, ca: [stage.ca] });
    await assert.rejects(foreign, failed, "a certificate for another name");
    await isRefused(`https://good.test:${stage.port + 1}/`, { loopbackPorts: [stage.port] });
    await assert.rejects(
      outbound.fetchText(`https://good.test:${stage.port}/latin`, { ...limits, ca: [stage.ca] }),
      failed,
    );
  });

  it("a redirect is not followed", async () => {
    const url = `https://good.test:${stage.port}/away`;
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false, lookup: toLoopback as never } });
    assert.equal(await (await fetch(url, { dispatcher })).text(), "the inside, GET", "fetch follows");
    await dispatcher.destroy();
    const outbound = await stage.outbound({ loopbackPorts: [stage.port] });
    const before = stage.hits();
    assert.equal((await outbound.request(url, { ...limits, ca: [stage.ca] })).status, 302);
    await assert.rejects(outbound.fetchText(url, { ...limits, ca: [stage.ca] }), failed);
    assert.equal(stage.hits(), before + 2);
  });

  it("an answer without end ends: at so many bytes, and after so long", async () => {
    const outbound = await stage.outbound({ loopbackPorts: [stage.port] });
    const options = { ...limits, ca: [stage.ca] };
    await assert.rejects(outbound.request(`https://good.test:${stage.port}/large`, options), /too large/);
    const began = performance.now();
    await assert.rejects(
      outbound.request(`https://good.test:${stage.port}/drip`, { ...options, timeoutMs: 400 }),
      (error) => failed(error) && (error as AppError).found === "no whole answer in time",
    );
    assert.ok(performance.now() - began < 1200);
    const slow = await stage.outbound({}, { resolve: () => new Promise(() => {}) });
    await assert.rejects(slow.request("https://good.test/", { ...options, timeoutMs: 200 }), failed);
  });

  it("a URL is judged by its parts, not its text", async () => {
    const outbound = await stage.outbound({ loopbackPorts: [stage.port] });
    const urls = ["http://good.test/", "file:///etc/passwd", "gopher://good.test/", "good.test", "//good.test", ""];
    const tricks = ["https://good.test@127.0.0.1/", "https://127.0.0.1\\@good.test/", "https://user:pw@good.test/"];
    for (const url of [...urls, ...tricks]) {
      await assert.rejects(outbound.request(url, limits), refused, url);
    }
    assert.throws(() => outbound.checkUrl("http://good.test/"), refused);
    assert.equal((await stage.outbound({ plainHttp: true })).checkUrl("http://good.test/").hostname, "good.test");
    for (const host of ["a/b", "a@b", "a:1", "a b", "", "a?b", "[::1", "a\\b"]) {
      await assert.rejects(outbound.checkDestination(host, 636), refused, host);
    }
  });

  it("for clients that connect themselves there are addresses and a lookup that gives nothing else", async () => {
    const outbound = await stage.outbound({ loopbackPorts: [stage.port] });
    await assert.rejects(outbound.checkDestination("0x7f000001", 636), refused, "hexadecimal, in no URL");
    await assert.rejects(outbound.checkDestination("inside6.test", 636), refused);
    const { addresses, lookup } = await outbound.checkDestination("good.test", stage.port);
    assert.deepEqual(addresses, ["127.0.0.1"]);
    const socket = connect({ host: "anything.test", port: stage.port, lookup });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    assert.equal(socket.remoteAddress, "127.0.0.1");
    socket.destroy();
  });

  it("a TLS connection outlives the time that it had to be made in", async () => {
    const outbound = await stage.outbound({ loopbackPorts: [stage.port] });
    const socket = await outbound.connectTls("good.test", stage.port, { ca: [stage.ca], timeoutMs: 300 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    socket.write("GET / HTTP/1.1\r\nhost: good.test\r\nconnection: close\r\n\r\n");
    let text = "";
    for await (const part of socket) text += part;
    assert.match(text, /the inside/);
    await assert.rejects(outbound.connectTls("inside6.test", 6514, limits), refused);
  });
});

function toLoopback(_host: string, _options: object, callback: (error: null, all: object[]) => void): void {
  callback(null, [{ address: "127.0.0.1", family: 4 }]);
}
