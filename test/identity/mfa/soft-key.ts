import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

/** A security key in software, so that tests can lie with it: other origins, old challenges, counters that do not rise. */
export type SoftKey = {
  readonly id: string;
  register(options: Asked): object;
  sign(options: Asked): object;
};

export type Asked = {
  challenge: string;
  origin?: string;
  rpId?: string;
  counter?: number;
  userVerified?: boolean;
};

const sha256 = (data: Buffer | string): Buffer => createHash("sha256").update(data).digest();

export function softKey(origin = "https://ledgerstone.example", rpId = "ledgerstone.example"): SoftKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const credentialId = randomBytes(32);
  const id = credentialId.toString("base64url");
  const answer = (response: object) => ({ id, rawId: id, type: "public-key", clientExtensionResults: {}, response });
  const client = (type: string, asked: Asked) =>
    Buffer.from(
      JSON.stringify({ type, challenge: asked.challenge, origin: asked.origin ?? origin, crossOrigin: false }),
    );
  const head = ({ rpId: other, counter = 0, userVerified = true }: Asked, attested: boolean) => {
    const flags = 0x01 | (userVerified ? 0x04 : 0) | (attested ? 0x40 : 0);
    const rest = Buffer.alloc(5);
    rest.writeUInt8(flags, 0);
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(other ?? rpId), rest]);
  };
  return {
    id,
    register(asked) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      const data = Buffer.concat([head(asked, true), Buffer.alloc(16), length, credentialId, cosePublicKey(publicKey)]);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        ...[text("fmt"), text("none"), text("attStmt"), Buffer.from([0xa0]), text("authData"), bytes(data)],
      ]);
      return answer({
        clientDataJSON: client("webauthn.create", asked).toString("base64url"),
        attestationObject: attestationObject.toString("base64url"),
        transports: ["usb"],
      });
    },
    sign(asked) {
      const clientData = client("webauthn.get", asked);
      const data = head(asked, false);
      const signature = createSign("sha256")
        .update(Buffer.concat([data, sha256(clientData)]))
        .sign(privateKey);
      return answer({
        clientDataJSON: clientData.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: signature.toString("base64url"),
      });
    },
  };
}

// CBOR (RFC 8949), as little of it as a key speaks.
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);

function bytes(value: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([Buffer.from([0x59]), length, value]);
}

/** COSE_Key (RFC 9052): kty EC2, alg ES256, crv P-256, x, y. */
function cosePublicKey(key: KeyObject): Buffer {
  const { x, y } = key.export({ format: "jwk" });
  const coordinate = (value: string | undefined) =>
    Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(value!, "base64url")]);
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    coordinate(x),
    Buffer.from([0x22]),
    coordinate(y),
  ]);
}
