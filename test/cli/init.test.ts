import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initCommand } from "../../src/cli/init.ts";
import { run } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

describe("init with a CA of the customer's", () => {
  let directory: string;
  const file = (name: string) => join(directory, name);
  const openssl = (args: string) => run({ name: "openssl", command: "openssl", args: args.split(" "), cwd: directory });
  const init = (name: string, ...more: string[]) =>
    initCommand().parseAsync(["--dir", file(name), "--host", "localhost", ...more], { from: "user" });

  before(async () => {
    directory = await temporaryDirectory("init");
    await openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Customer");
    await writeFile(file("index"), "");
    await writeFile(
      file("ca.cnf"),
      "[ca]\ndefault_ca=c\n[c]\ndatabase=index\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\ndefault_crl_days=30\n",
    );
    await openssl("ca -config ca.cnf -gencrl -out ca.crl");
    await openssl("crl -in ca.crl -outform der -out ca.der");
  });
  after(() => removeDirectory(directory));

  it("has the broker refuse what its CRL names, read where its owner renews it", async () => {
    await init("with", "--customer-ca", file("ca.pem"), "--customer-crl", file("ca.crl"));
    const config = await readFile(file("with/mosquitto/mosquitto.conf"), "utf8");
    assert.match(config, new RegExp(`^crlfile ${file("ca.crl")}$`, "m"));
    await init("without", "--customer-ca", file("ca.pem"));
    const other = await readFile(file("without/mosquitto/mosquitto.conf"), "utf8");
    assert.equal(other.includes(file("ca.crl")), false);
  });

  it("refuses what is no CRL, or one without the CA, and makes nothing", async () => {
    await assert.rejects(init("der", "--customer-ca", file("ca.pem"), "--customer-crl", file("ca.der")), /CRL/);
    await assert.rejects(init("alone", "--customer-crl", file("ca.crl")), /CRL/);
    assert.deepEqual([existsSync(file("der")), existsSync(file("alone"))], [false, false]);
    assert.equal((await readdir(directory)).includes("with"), true);
  });
});
