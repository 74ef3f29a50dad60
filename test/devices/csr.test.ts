import assert from "node:assert/strict";
import { readRequest } from "../../src/devices/index.ts";
import { AppError } from "../../src/platform/errors.ts";
import { newRequest } from "./fixture.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("devices: certificate requests", () => {
  it("P-256 and RSA of 2048 bits are accepted, in PEM and in the base64 of RFC 7030", async () => {
    for (const kind of ["p256", "rsa2048"] as const) {
      const { request } = await newRequest(kind);
      await readRequest(request);
      await readRequest(request.replace(/-----[A-Z ]+-----/g, "").trim());
    }
  });

  it("other keys are refused, and the refusal names the key and what would do", async () => {
    for (const kind of ["rsa1024", "p384", "ed25519"] as const) {
      const { request } = await newRequest(kind);
      await assert.rejects(readRequest(request), (error: AppError) => {
        assert.equal(error.code, "invalid");
        assert.match(`${error.found}`, { rsa1024: /1024/, p384: /secp384r1/, ed25519: /ed25519/ }[kind]);
        assert.match(`${error.expected}`, /P-256, or RSA of at least 2048/);
        return true;
      });
    }
  });

  it("a request for a key that the sender does not hold is refused", async () => {
    const { request } = await newRequest();
    const bytes = Buffer.from(request.replace(/-----[A-Z ]+-----/g, ""), "base64");
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
    await assert.rejects(readRequest(bytes.toString("base64")), /not signed by its own key/);
  });

  it("what is no request is refused as such", async () => {
    for (const text of [
      "",
      "x",
      "AAAA",
      "MIIB",
      "A".repeat(20_000),
      "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----",
    ]) {
      await assert.rejects(readRequest(text), isCode("invalid"), JSON.stringify(text.slice(0, 20)));
    }
  });
});
