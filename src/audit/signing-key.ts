import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AppError } from "../platform/errors.ts";
import { checkpointOrigin, type SignedCheckpoint } from "../record/checkpoint.ts";
import type { Ed25519Signer } from "../record/ed25519.ts";
import { ed25519Type, noteKeyId } from "../record/note.ts";

/** The appliance's checkpoint key from a PKCS#8 PEM file. */
export async function loadSigner(path: string): Promise<Ed25519Signer> {
  const pem = await readFile(path, "utf8").catch((cause) => {
    throw new AppError("config", `the signing key ${path} cannot be read`, {
      remedy: "create it, readable by this service alone",
      cause,
    });
  });
  return signerFromPem(pem, path);
}

/** The key in use, and the one that a rotation goes to, where one is configured. */
export async function loadSigners(keys: {
  signingKeyFile: string;
  nextSigningKeyFile?: string | undefined;
}): Promise<Ed25519Signer[]> {
  const files = [keys.signingKeyFile, keys.nextSigningKeyFile].filter((file) => file !== undefined);
  return Promise.all(files.map(loadSigner));
}

export function signerFromPem(pem: string, path = "(given)"): Ed25519Signer {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== "ed25519") {
    throw new AppError("config", `the signing key ${path} is of another kind`, {
      found: String(key.asymmetricKeyType),
      expected: "Ed25519",
      remedy: "make one with: openssl genpkey -algorithm ed25519",
    });
  }
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return { publicKey: Buffer.from(x!, "base64url"), sign: (message) => sign(null, message, key) };
}

/** Checks signatures of many checkpoints: OpenSSL's Ed25519, 20 times as fast as the portable one of record/. */
export class CheckpointKeys {
  readonly #keys = new Map<string, KeyObject>();

  /** Keys that may have signed: 32 raw bytes each. */
  constructor(publicKeys: Iterable<Uint8Array>) {
    for (const key of publicKeys) this.add(key);
  }

  add(publicKey: Uint8Array): void {
    const raw = Buffer.from(publicKey);
    const jwk = { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") };
    this.#keys.set(raw.toString("hex"), createPublicKey({ key: jwk, format: "jwk" }));
  }

  /** The key (hex) that signed the checkpoint under its own origin; undefined when none of ours did. */
  signerOf({ checkpoint, note }: SignedCheckpoint): string | undefined {
    const origin = checkpointOrigin(checkpoint);
    const text = Buffer.from(note.text, "utf8");
    for (const [hex, key] of this.#keys) {
      const keyId = Buffer.from(noteKeyId(origin, ed25519Type, Buffer.from(hex, "hex")));
      for (const entry of note.signatures) {
        if (entry.name !== origin || !keyId.equals(entry.keyId)) continue;
        if (entry.signature.length === 64 && verify(null, text, key, entry.signature)) return hex;
      }
    }
    return undefined;
  }
}
