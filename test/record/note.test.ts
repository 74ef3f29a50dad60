import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import { encodeUtf8, toHex } from "../../src/record/bytes.ts";
import { ed25519Signer, verifyEd25519 } from "../../src/record/ed25519.ts";
import {
  cosignNote,
  formatNote,
  noteKeyId,
  parseNote,
  signNote,
  verifyCosignature,
  verifyNote,
} from "../../src/record/note.ts";
import { sha256Hex } from "../../src/record/sha256.ts";
import { sha256Hex as browserSha256Hex } from "../../src/record/sha256-browser.ts";

const seed = new Uint8Array(32).fill(9);
const signer = ed25519Signer(seed);
const text = "ledgerstone.example/1\n5\nAAAA\n";

describe("signed notes", () => {
  const signed = { text, signatures: [signNote(text, "example", signer)] };

  it("are verified under the signer's name and key alone", () => {
    const note = parseNote(formatNote(signed));
    assert.deepEqual(note, signed);
    assert.ok(verifyNote(note, "example", signer.publicKey));
    assert.ok(!verifyNote(note, "other", signer.publicKey));
    assert.ok(!verifyNote(note, "example", ed25519Signer(new Uint8Array(32)).publicKey));
    assert.ok(!verifyNote({ ...note, text: text.replace("5", "6") }, "example", signer.publicKey));
  });

  it("a second, false signature of the same key refuses the note", () => {
    const [good] = signed.signatures;
    const bad = { ...good!, signature: good!.signature.map((byte) => byte ^ 1) };
    assert.ok(!verifyNote({ text, signatures: [good!, bad] }, "example", signer.publicKey));
  });

  it("signatures are those that OpenSSL makes and takes", () => {
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    const { signature } = signed.signatures[0]!;
    assert.ok(verify(null, encodeUtf8(text), createPublicKey(key), signature));
    assert.ok(verifyEd25519(signer.publicKey, encodeUtf8(text), signature));
    assert.ok(!verifyEd25519(signer.publicKey, encodeUtf8(text), signature.slice(1)));
  });

  it("key ids are the first bytes of SHA-256 over name, LF, type and key", () => {
    const expected = sha256Hex(Buffer.concat([Buffer.from("example\n\u0001"), signer.publicKey])).slice(0, 8);
    assert.equal(toHex(noteKeyId("example", 1, signer.publicKey)), expected);
  });

  it("cosignatures carry their time, and no other", () => {
    const cosignature = cosignNote(text, "witness", signer, 1_795_293_000);
    const note = parseNote(formatNote({ text, signatures: [...signed.signatures, cosignature] }));
    assert.equal(verifyCosignature(note, "witness", signer.publicKey), 1_795_293_000);
    note.signatures[1]!.signature[7]! ^= 1;
    assert.equal(verifyCosignature(note, "witness", signer.publicKey), undefined);
    assert.equal(verifyCosignature(note, "nobody", signer.publicKey), undefined);
  });

  for (const [name, bad] of [
    ["no signature", `${text}\n`],
    ["no empty line", text],
    ["a missing LF at the end", formatNote(signed).slice(0, -1)],
    ["CRLF", formatNote(signed).replaceAll("\n", "\r\n")],
    ["a hyphen for the dash", formatNote(signed).replace("—", "-")],
    ["broken base64", formatNote(signed).replace("== \n", "\n").replace(/=\n$/, "\n")],
    ["a field too many", formatNote(signed).replace("— example", "— example x")],
  ] as const) {
    it(`refuses ${name}`, () => assert.throws(() => parseNote(bad), { name: "FormatError" }));
  }
});

describe("SHA-256", () => {
  it("is the same in Node and in the browser build", () => {
    for (const input of ["", "é", "a".repeat(1000), Uint8Array.of(0, 255)])
      assert.equal(browserSha256Hex(input), sha256Hex(input));
  });
});
