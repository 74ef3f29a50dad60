import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCmsSigner, signDetached } from "../../src/evidence/cms.ts";
import { run } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

const content = Buffer.from("0123  bagit.txt\n");

describe("CMS signature", () => {
  let directory: string;
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => run({ name: "openssl", command: "openssl", args, cwd: directory });

  before(async () => {
    directory = await temporaryDirectory("cms");
    await writeFile(file("content"), content);
  });
  after(() => removeDirectory(directory));

  const keys = { "P-256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], RSA: ["rsa:2048"] };
  for (const [kind, [type, ...options]] of Object.entries(keys)) {
    it(`with a ${kind} key verifies in openssl, and not over other content`, async () => {
      const subject = ["-subj", "/O=Müller \\/ Söhne/CN=Evidence", "-utf8", "-days", "30"];
      await openssl(
        "req",
        "-x509",
        "-newkey",
        type!,
        ...options,
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        ...subject,
      );
      const signer = await loadCmsSigner(file("key.pem"), file("cert.pem"));
      await writeFile(file("content.p7s"), signDetached(content, signer, new Date()));
      const verify = [
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "content.p7s",
        "-CAfile",
        "cert.pem",
        "-purpose",
        "any",
      ];
      assert.equal(await openssl(...verify, "-content", "content"), content.toString());
      await writeFile(file("other"), "0124  bagit.txt\n");
      await assert.rejects(openssl(...verify, "-content", "other"), /digest failure|verification failure/i);
    });
  }

  it("by a certificate of the customer's CA carries its chain, and verifies after expiry with -attime", async () => {
    await openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "root.key",
      "-out",
      "root.pem",
      "-days",
      "3650",
      "-subj",
      "/CN=Root",
    );
    await openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "key.pem",
      "-out",
      "csr.pem",
      "-subj",
      "/CN=Evidence",
    );
    // As a Windows CA issues it: extended key usage for code signing, no e-mail protection; and long expired.
    await writeFile(file("extensions"), "extendedKeyUsage=codeSigning\nkeyUsage=digitalSignature\n");
    await openssl(
      "x509",
      "-req",
      "-in",
      "csr.pem",
      "-CA",
      "root.pem",
      "-CAkey",
      "root.key",
      "-CAcreateserial",
      "-out",
      "leaf.pem",
      "-days",
      "1",
      "-extfile",
      "extensions",
    );
    await writeFile(
      file("chain.pem"),
      (await readFile(file("leaf.pem"), "utf8")) + (await readFile(file("root.pem"), "utf8")),
    );
    const signer = await loadCmsSigner(file("key.pem"), file("chain.pem"));
    assert.equal(signer.chain.length, 2);
    await writeFile(file("content.p7s"), signDetached(content, signer, new Date()));
    const verify = [
      "cms",
      "-verify",
      "-binary",
      "-inform",
      "DER",
      "-in",
      "content.p7s",
      "-content",
      "content",
      "-CAfile",
      "root.pem",
    ];
    const later = String(Math.floor(Date.now() / 1000) + 3 * 86_400);
    await assert.rejects(openssl(...verify, "-purpose", "any", "-attime", later), /expired/);
    await assert.rejects(openssl(...verify), /purpose/, "openssl takes only e-mail certificates unless told otherwise");
    const now = String(Math.floor(Date.now() / 1000) + 60);
    assert.equal(await openssl(...verify, "-purpose", "any", "-attime", now), content.toString());
  });

  it("refuses a key that is not the certificate's, and kinds that OpenSSL 3.0 cannot verify", async () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    await writeFile(file("other.key"), other.export({ type: "pkcs8", format: "pem" }));
    await assert.rejects(loadCmsSigner(file("other.key"), file("leaf.pem")), /does not belong/);
    await openssl(
      "req",
      "-x509",
      "-newkey",
      "ed25519",
      "-nodes",
      "-keyout",
      "ed.key",
      "-out",
      "ed.pem",
      "-days",
      "1",
      "-subj",
      "/CN=Ed",
    );
    await assert.rejects(loadCmsSigner(file("ed.key"), file("ed.pem")), /kind of key/);
  });
});
