import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppError } from "../../src/platform/errors.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { broad, buildStage, limits, type Stage } from "./outbound-stage.ts";

const refused = (error: unknown): boolean => (error as AppError).code === "destination-refused";
const failed = (error: unknown): boolean => (error as AppError).code === "outbound-failed";

describe("outbound: through a proxy", () => {
  let stage: Stage;
  let directory: string;
  let proxied: { proxy: string; proxyCredentialsFile: string };
  before(async () => {
    stage = await buildStage((req, res) => res.end(`the inside, ${req.method}`));
    directory = await temporaryDirectory("outbound");
    const proxyCredentialsFile = join(directory, "credentials");
    await writeFile(proxyCredentialsFile, "box:opensesame\n");
    proxied = { proxy: `http://127.0.0.1:${stage.proxyPort}`, proxyCredentialsFile };
  });
  after(async () => {
    await stage.stop();
    await removeDirectory(directory);
  });

  it("the proxy gets the name, which need not be known here", async () => {
    const outbound = await stage.outbound(proxied);
    stage.tunnels.length = 0;
    const answer = await outbound.fetchText("https://outside.test/", { ...limits, ca: [stage.ca] });
    assert.equal(answer, "the inside, GET");
    assert.deepEqual(stage.tunnels, ["outside.test:443"]);
    const socket = await outbound.connectTls("outside.test", 6514, { ca: [stage.ca], timeoutMs: 300 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(socket.destroyed, false);
    socket.destroy();
    const without = await stage.outbound({ proxy: proxied.proxy });
    await assert.rejects(without.fetchText("https://outside.test/", limits), /no tunnel/);
  });

  it("addresses and names of the inside are refused before the proxy hears of them", async () => {
    const outbound = await stage.outbound({ ...proxied, loopbackPorts: [stage.port], ...broad });
    stage.tunnels.length = 0;
    const hosts = ["127.0.0.1", "[::1]", "0x7f.1", "169.254.169.254", "inside.test", "metadata.test", "good.test"];
    for (const host of hosts) {
      await assert.rejects(outbound.request(`https://${host}:${stage.port}/`, limits), refused, host);
    }
    assert.deepEqual(stage.tunnels, []);
  });

  it("NO_PROXY's names, suffixes, addresses, networks and ports are reached directly", async () => {
    const { port } = stage;
    const direct = ["good.test", ".test", "test", "*", `good.test:${port}`, " GOOD.test ", "*.test"];
    for (const entry of direct) {
      const outbound = await stage.outbound({ ...proxied, loopbackPorts: [port], noProxy: [entry] });
      stage.tunnels.length = 0;
      await outbound.request(`https://good.test:${port}/`, { ...limits, ca: [stage.ca] });
      assert.deepEqual(stage.tunnels, [], entry);
    }
    for (const entry of ["other.test", "d.test", `good.test:${port + 1}`, "127.0.0.1", "good.test.example"]) {
      const outbound = await stage.outbound({ ...proxied, noProxy: [entry] });
      stage.tunnels.length = 0;
      await outbound.request("https://outside.test/", { ...limits, ca: [stage.ca] });
      assert.deepEqual(stage.tunnels, ["outside.test:443"], entry);
    }
    for (const entry of ["10.0.0.0/8", "10.99.99.99", "2001:db8::/32", "[2001:db8::1]:443", "2001:db8:0::1"]) {
      const host = entry.startsWith("10") ? "10.99.99.99" : "[2001:db8::1]";
      const outbound = await stage.outbound({ ...proxied, allow: ["10.0.0.0/8", "2001:db8::/32"], noProxy: [entry] });
      stage.tunnels.length = 0;
      await assert.rejects(outbound.request(`https://${host}/`, { ...limits, timeoutMs: 300 }), failed);
      assert.deepEqual(stage.tunnels, [], entry);
    }
  });
});
