import { concatBytes, encodeUtf8, equalBytes, fromBase64, toBase64 } from "./bytes.ts";
import { type Ed25519Signer, verifyEd25519 } from "./ed25519.ts";
import { sha256 } from "./sha256.ts";
import { FormatError, shown } from "./text.ts";

// C2SP signed-note: text that ends in LF, an empty line, then signature lines `— <name> <base64(4-byte key id ‖ signature)>`.

export const ed25519Type = 0x01;
export const cosignatureType = 0x04;

export type NoteSignature = { name: string; keyId: Uint8Array; signature: Uint8Array };
export type Note = { text: string; signatures: NoteSignature[] };

/** First 4 bytes of SHA-256(name ‖ 0x0A ‖ signature type ‖ public key). */
export function noteKeyId(name: string, type: number, publicKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey)).slice(0, 4);
}

function checkName(name: string): void {
  if (!/^[^\s+]+$/u.test(name))
    throw new FormatError(`found key name ${shown(name)}, expected no white space and no plus`);
}

export function formatNote(note: Note): string {
  if (!note.text.endsWith("\n")) throw new FormatError("found note text without LF at its end");
  let lines = "";
  for (const { name, keyId, signature } of note.signatures) {
    checkName(name);
    lines += `— ${name} ${toBase64(concatBytes(keyId, signature))}\n`;
  }
  return `${note.text}\n${lines}`;
}

const maxSignatures = 100;

/** Strict: exactly one way to write a note is taken. Throws FormatError. */
export function parseNote(note: string): Note {
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n"))
    throw new FormatError("found no signed note, expected text, an empty line and signatures");
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split("\n");
  if (/\p{Cc}/u.test(note.replaceAll("\n", ""))) throw new FormatError("found a control character in a signed note");
  if (lines.length > maxSignatures)
    throw new FormatError(`found ${lines.length} signatures, expected at most ${maxSignatures}`);
  const signatures = lines.map((line): NoteSignature => {
    const [dash, name = "", base64 = "", ...rest] = line.split(" ");
    if (dash !== "—" || rest.length > 0) throw new FormatError(`found ${shown(line)}, expected '— <name> <base64>'`);
    checkName(name);
    const bytes = decodeBase64(base64);
    if (bytes.length < 5) throw new FormatError("found a signature too short to hold a key id");
    return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { text, signatures };
}

function decodeBase64(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw new FormatError(`found ${shown(text)}, expected base64`);
  }
}

export function signNote(text: string, name: string, signer: Ed25519Signer): NoteSignature {
  const keyId = noteKeyId(name, ed25519Type, signer.publicKey);
  return { name, keyId, signature: signer.sign(encodeUtf8(text)) };
}

/** Whether one of the note's signatures is by this key under this name. A signature of the same key id that fails is a refusal. */
export function verifyNote(note: Note, name: string, publicKey: Uint8Array): boolean {
  const keyId = noteKeyId(name, ed25519Type, publicKey);
  const own = note.signatures.filter((entry) => entry.name === name && equalBytes(entry.keyId, keyId));
  return own.length > 0 && own.every((entry) => verifyEd25519(publicKey, encodeUtf8(note.text), entry.signature));
}

function cosignedMessage(text: string, seconds: number): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** C2SP tlog-cosignature: 8-byte big-endian POSIX seconds, then the signature over time and text. */
export function cosignNote(text: string, name: string, signer: Ed25519Signer, seconds: number): NoteSignature {
  const signature = new Uint8Array(72);
  new DataView(signature.buffer).setBigUint64(0, BigInt(seconds));
  signature.set(signer.sign(cosignedMessage(text, seconds)), 8);
  return { name, keyId: noteKeyId(name, cosignatureType, signer.publicKey), signature };
}

/** POSIX seconds at which this witness cosigned; undefined when it did not. */
export function verifyCosignature(note: Note, name: string, publicKey: Uint8Array): number | undefined {
  const keyId = noteKeyId(name, cosignatureType, publicKey);
  const own = note.signatures.find((entry) => entry.name === name && equalBytes(entry.keyId, keyId));
  if (own?.signature.length !== 72) return undefined;
  const seconds = Number(new DataView(own.signature.buffer, own.signature.byteOffset).getBigUint64(0));
  const message = cosignedMessage(note.text, seconds);
  return verifyEd25519(publicKey, message, own.signature.subarray(8)) ? seconds : undefined;
}
