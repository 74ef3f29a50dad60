import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { checkCertificate } from "../../src/platform/check-certificate.ts";
import type { Finding } from "../../src/platform/finding.ts";
import { readPkcs12Identity } from "../../src/platform/pkcs12.ts";
import { type ReadIdentity, readPemIdentity } from "../../src/platform/server-identity.ts";
import { removeDirectory } from "../support/temporary.ts";
import { type CertificateWorld, certificateWorld, type Made } from "./certificate-world.ts";

const day = 86_400_000;
const hosts = ["ledger.example.com"];

describe("platform: a server's certificate, before it is taken", function () {
  this.timeout(60_000);
  let world: CertificateWorld;
  let root: Made;
  let issuing: Made;
  let server: Made;

  before(async () => {
    world = await certificateWorld();
    root = await world.make({ cn: "Root", ca: true, days: 3650 });
    issuing = await world.make({ cn: "Issuing", ca: true, by: root, days: 365 });
    server = await world.make({ cn: "ledger", by: issuing, names: "DNS:ledger.example.com,IP:10.0.0.1" });
  });
  after(() => removeDirectory(world.directory));

  const chainOf = (...parts: Made[]) => Buffer.concat(parts.map(({ cert }) => cert));
  const read = (certificates: Buffer, key: Buffer, passphrase?: string) =>
    readPemIdentity({ certificates, key, passphrase });
  type Demands = { hosts?: string[]; now?: number; trusted?: Made };
  function look({ identity, findings }: ReadIdentity, { now = Date.now(), trusted, ...rest }: Demands = {}): Finding[] {
    const authorities = trusted && { authorities: [new X509Certificate(trusted.cert)] };
    return identity ? checkCertificate(identity, { hosts: rest.hosts ?? hosts, now, ...authorities }) : findings;
  }
  const ids = (findings: Finding[]) => findings.map(({ id, severity }) => (severity === "error" ? id : `${id}?`));
  const found = (certificates: Buffer, key: Buffer, demands?: Demands) => ids(look(read(certificates, key), demands));
  const issued = (wanted: Partial<Parameters<CertificateWorld["make"]>[0]>) =>
    world.make({ cn: "x", by: issuing, names: "DNS:ledger.example.com", ...wanted });

  it("has nothing to say of a sound one, with or without its root", () => {
    assert.deepEqual(found(chainOf(server, issuing), server.key), []);
    assert.deepEqual(found(chainOf(server, issuing, root), server.key), []);
    assert.deepEqual(found(chainOf(server, issuing), server.key, { trusted: root }), []);
  });

  it("says what it found, what it must be, and how to mend it", () => {
    for (const { found, required, fix } of look(read(chainOf(server), issuing.key), { hosts: ["a.b"] })) {
      for (const words of [found, required, fix]) assert.ok(words.length > 10, words);
    }
  });

  it("reads no empty file, no DER, and no block that is damaged", async () => {
    const der = new X509Certificate(server.cert).raw;
    assert.deepEqual(found(Buffer.alloc(0), server.key), ["certificate-unreadable"]);
    assert.match(look(read(der, server.key))[0]!.found, /DER/);
    const damaged = Buffer.from(server.cert.toString().replace(/[A-Za-z0-9+/]{40}\n/, "AAAA\n"));
    assert.deepEqual(found(damaged, server.key), ["certificate-unreadable"]);
    assert.deepEqual(found(server.cert, Buffer.from("none")), ["key-unreadable"]);
    assert.deepEqual(found(server.cert, server.cert), ["key-unreadable"]);
  });

  it("opens an encrypted key with its passphrase alone", async () => {
    const out = world.file("encrypted.pem");
    await world.openssl(["pkey", "-in", server.keyFile, "-aes256", "-passout", "pass:geheim", "-out", out]);
    const key = await readFile(out);
    const certificates = chainOf(server, issuing);
    assert.deepEqual(found(certificates, key), ["key-encrypted"]);
    assert.deepEqual(ids(look(read(certificates, key, "wrong"))), ["key-passphrase-wrong"]);
    assert.deepEqual(ids(look(read(certificates, key, "geheim"))), []);
  });

  it("refuses another certificate's key", async () => {
    const other = await issued({});
    assert.deepEqual(found(chainOf(server, issuing), other.key), ["key-mismatch"]);
  });

  it("refuses a chain that begins with an issuer", () => {
    assert.ok(found(chainOf(issuing, server), server.key).includes("leaf-not-first"));
  });

  it("refuses keys that are weak, and such as browsers and firmware do not know", async () => {
    for (const [key, id] of [
      [["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "key-weak"],
      [["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"], "key-unsupported"],
      [["-algorithm", "ED25519"], "key-unsupported"],
    ] as const) {
      const made = await issued({ key: [...key] });
      assert.deepEqual([...new Set(found(chainOf(made, issuing), made.key))], [id], key.join(" "));
    }
    const rsa = await issued({ key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] });
    assert.deepEqual(found(chainOf(rsa, issuing), rsa.key), []);
  });

  it("refuses a signature with SHA-1", async () => {
    const made = await issued({ digest: "sha1" });
    assert.deepEqual(found(chainOf(made, issuing), made.key), ["signature-weak"]);
  });

  it("refuses one that has expired or does not yet count, and warns thirty days ahead", () => {
    const at = (days: number) => found(chainOf(server, issuing), server.key, { now: Date.now() + days * day });
    assert.deepEqual(at(-1), ["not-yet-valid", "not-yet-valid"]);
    assert.deepEqual(at(59), []);
    assert.deepEqual(at(61), ["expires-soon?"]);
    assert.deepEqual(at(91), ["expired"]);
  });

  it("refuses one whose issuer has expired", async () => {
    const short = await world.make({ cn: "Short", ca: true, by: root, days: 10 });
    const made = await world.make({ cn: "x", by: short, names: "DNS:ledger.example.com" });
    assert.deepEqual(found(chainOf(made, short), made.key, { now: Date.now() + 20 * day }), ["expired"]);
  });

  it("refuses one without names, whatever its common name says", async () => {
    const made = await world.make({ cn: "ledger.example.com", by: issuing });
    assert.deepEqual(found(chainOf(made, issuing), made.key), ["names-missing"]);
  });

  it("asks for each name and address under which clients come; a wildcard stands for one word", async () => {
    const demands = { hosts: ["ledger.example.com", "10.0.0.1", "10.0.0.2", "gate.example.com"] };
    assert.deepEqual(found(chainOf(server, issuing), server.key, demands), ["host-not-covered", "host-not-covered"]);
    const wildcard = await issued({ names: "DNS:*.example.com" });
    const of = (host: string) => found(chainOf(wildcard, issuing), wildcard.key, { hosts: [host] });
    assert.deepEqual(of("a.example.com"), []);
    assert.deepEqual([of("example.com"), of("a.b.example.com")], [["host-not-covered"], ["host-not-covered"]]);
  });

  it("refuses a client's certificate and an authority's", async () => {
    const client = await issued({ usage: "clientAuth" });
    assert.deepEqual(found(chainOf(client, issuing), client.key), ["not-for-servers"]);
    const authority = await issued({ ca: true });
    assert.deepEqual(found(chainOf(authority, issuing), authority.key), ["is-authority"]);
  });

  it("names what stands in the wrong place of a chain, twice, or without belonging to it", async () => {
    assert.deepEqual(found(chainOf(server, root, issuing), server.key), ["chain-order", "chain-order"]);
    assert.deepEqual(found(chainOf(server, issuing, issuing), server.key)[0], "chain-duplicate");
    const stranger = await world.make({ cn: "Stranger", ca: true });
    assert.deepEqual(found(chainOf(server, issuing, stranger), server.key), ["chain-foreign"]);
  });

  it("is not deceived by an issuer of the same name with another key", async () => {
    const namesake = await world.make({ cn: "Issuing", ca: true, by: root });
    assert.deepEqual(found(chainOf(server, namesake), server.key), ["chain-foreign"]);
  });

  it("refuses an issuer that is no authority", async () => {
    const made = await world.make({ cn: "y", by: server, names: "DNS:ledger.example.com" });
    assert.deepEqual(found(chainOf(made, server, issuing), made.key), ["issuer-not-authority"]);
  });

  it("misses the issuer between the certificate and whom clients trust", () => {
    assert.deepEqual(found(chainOf(server), server.key, { trusted: root }), ["chain-incomplete"]);
    assert.deepEqual(found(chainOf(server), server.key, { trusted: issuing }), []);
  });

  it("warns of one that signed itself", async () => {
    const own = await world.make({ cn: "own", names: "DNS:ledger.example.com" });
    assert.deepEqual(found(own.cert, own.key), ["self-signed?"]);
  });

  describe("PKCS#12", () => {
    const open = (bytes: Buffer, passphrase = "geheim") => ids(look(readPkcs12Identity(bytes, passphrase)));

    it("is read as OpenSSL writes it now and did before, with EC and RSA, its chain in any order", async () => {
      const rsa = await issued({ key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] });
      for (const made of [server, rsa]) {
        for (const options of [[], ["-legacy"], ["-keypbe", "NONE"]]) {
          assert.deepEqual(open(await world.pkcs12(made, [root, issuing], ...options)), [], options.join(" "));
        }
      }
      const { identity } = readPkcs12Identity(await world.pkcs12(server, [root, issuing]), "geheim");
      assert.deepEqual(
        identity!.chain.map(({ subject }) => subject),
        ["CN=ledger", "CN=Issuing", "CN=Root"],
      );
      assert.ok(identity!.chain[0]!.raw.equals(new X509Certificate(server.cert).raw), "byte for byte");
    });

    it("is refused with a wrong passphrase, or when it is none", async () => {
      const bytes = await world.pkcs12(server, []);
      assert.deepEqual(open(bytes, "wrong"), ["pkcs12-passphrase-wrong"]);
      assert.deepEqual(open(server.cert), ["pkcs12-unreadable"]);
      assert.deepEqual(open(bytes.subarray(0, bytes.length - 40)), ["pkcs12-unreadable"]);
    });

    it("is refused without a key", async () => {
      assert.deepEqual(open(await world.pkcs12(server, [], "-nokeys")), ["pkcs12-contents"]);
    });

    it("tells a part of it that does not belong", async () => {
      const stranger = await world.make({ cn: "Stranger", ca: true });
      assert.deepEqual(open(await world.pkcs12(server, [stranger, issuing])), ["chain-foreign"]);
    });
  });
});
