import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCmsSigner } from "../../src/evidence/cms.ts";
import { run } from "../support/process.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

describe("README.txt of a bundle", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  let bag: string;

  before(async () => {
    fixture = await evidenceFixture();
    tenant = await seedTenant(fixture.seed);
    const bytes = Buffer.from("\xff\xd8\xff picture", "latin1");
    await seedBatch(
      fixture.seed,
      tenant.principal,
      tenant.sites.map((site) => ({ ...site, images: [{ bytes, type: "image/jpeg" }] })),
    );
    bag = fixture.path("bag");
    await fixture.export(tenant.principal, {}, { kind: "directory", path: bag });
  });
  after(() => fixture.stop());

  it("has only commands that work when pasted into bash", async () => {
    const commands = await commandsOf(bag);
    assert.equal(commands.length, 9);
    const outputs = [];
    for (const command of commands) outputs.push(await bash(bag, command));
    const [tagged, listed, extra, taken, shown, verified, hashed, table, next] = outputs as string[];
    assert.deepEqual([tagged, listed, extra], ["", "", ""]);
    assert.match(taken!, /Verification successful/);
    assert.equal(
      shown!
        .match(/Fingerprint=(.*)/)![1]!
        .replaceAll(":", "")
        .toLowerCase(),
      fixture.exporter.signer.fingerprint,
    );
    assert.match(verified!, /Verification successful/);
    const rows = (await readFile(join(bag, "data/ledger/rows.txt"), "utf8")).split("\n\n");
    const first = createHash("sha256").update(`${rows[0]}\n`).digest("hex");
    assert.equal(hashed, `${first}  -\n`);
    assert.equal(table, `${first}\n`);
    assert.equal(next, `${first}\n`);
  });

  it("finds a changed file, an extra file and a changed manifest by those commands", async () => {
    const copy = fixture.path("changed");
    await run({ name: "cp", command: "cp", args: ["-r", bag, copy] });
    const commands = await commandsOf(copy);
    await appendFile(join(copy, "data/scope.json"), " ");
    await assert.rejects(bash(copy, commands[1]!), /scope.json: FAILED/);
    await writeFile(join(copy, "data/extra.txt"), "x");
    await assert.rejects(bash(copy, commands[2]!), /extra.txt/);
    await appendFile(join(copy, "tagmanifest-sha256.txt"), "\n");
    await assert.rejects(bash(copy, commands[3]!), /failure/i);
    await assert.rejects(bash(copy, commands[5]!), /failure/i);
  });

  it("has a command that verifies with a certificate that has expired since", async () => {
    const directory = fixture.path("expired");
    await mkdir(directory, { recursive: true });
    const openssl = (args: string[]) => run({ name: "openssl", command: "openssl", args, cwd: directory });
    for (const name of ["ca", "cms"]) {
      await openssl(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`.split(" "));
    }
    await writeFile(join(directory, "index.txt"), "");
    await writeFile(join(directory, "serial"), "01\n");
    await writeFile(
      join(directory, "ca.cnf"),
      "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n" +
        "[ca_ext]\nbasicConstraints=critical,CA:true\n[cms_ext]\nextendedKeyUsage=codeSigning\n",
    );
    // Valid for an hour of yesterday: the bundle was signed in it.
    const madeAt = Date.now() - 86_400_000;
    const asn1 = (ms: number) => new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
    const issue = (name: string, issuer: string[], hours: number) => {
      const validity = `-startdate ${asn1(madeAt - 1_800_000)} -enddate ${asn1(madeAt + (hours - 0.5) * 3_600_000)}`;
      const files = `-batch -notext -in ${name}.csr -out ${name}.pem -extfile ca.cnf -extensions ${name}_ext`;
      return openssl(["ca", "-config", "ca.cnf", ...issuer, ...files.split(" "), ...validity.split(" ")]);
    };
    await issue("ca", ["-selfsign", "-keyfile", "ca.key"], 1000);
    await issue("cms", ["-cert", "ca.pem", "-keyfile", "ca.key"], 1);
    const signer = await loadCmsSigner(join(directory, "cms.key"), join(directory, "cms.pem"));
    const trust = { ...fixture.exporter.trust, cmsSha256: [signer.fingerprint] };
    Object.assign(fixture.exporter, { signer, trust, clock: () => madeAt });
    const path = fixture.path("old-bag");
    await fixture.export(tenant.principal, {}, { kind: "directory", path });
    const commands = await commandsOf(path);
    assert.match(await bash(path, commands[3]!), /Verification successful/);
    assert.match(await bash(path, commands[5]!), /Verification successful/);
    const now = commands[5]!.replace(/-attime \d+/, "");
    await assert.rejects(bash(path, now), /expired/);
    const ownCa = commands[5]!.replace(/-CAfile "[^"]*" -partial_chain/, `-CAfile ${join(directory, "ca.pem")}`);
    assert.match(await bash(path, ownCa), /Verification successful/);
  });

  it("VERIFY-WINDOWS.txt has CRLF line ends, and names no tool but cmd's own and certutil", async () => {
    const text = await readFile(join(bag, "VERIFY-WINDOWS.txt"), "latin1");
    assert.equal(text.replaceAll("\r\n", "").includes("\n"), false);
    const commands = text.split("\r\n").filter((line) => line.startsWith("    "));
    assert.equal(commands.length, 7);
    for (const command of commands) assert.match(command.trim(), /^(for|find|dir|certutil) /);
  });
});

async function commandsOf(bag: string): Promise<string[]> {
  const text = await readFile(join(bag, "README.txt"), "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith("    "))
    .map((line) => line.trim());
}

function bash(cwd: string, command: string): Promise<string> {
  return run({ name: command, command: "bash", args: ["-o", "pipefail", "-c", `exec 2>&1; ${command}`], cwd });
}
