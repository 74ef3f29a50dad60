import { createHash } from "node:crypto";
import {
  bagDeclaration,
  bagInfo,
  manifestLine,
  manifestName,
  tagFiles,
  tagManifestName,
} from "../../src/record/bag.ts";
import { encodeUtf8 } from "../../src/record/bytes.ts";

/** A bundle's files by name. */
export type Files = Map<string, Uint8Array>;

/** The bag's own files over whatever payload is there: manifests, declaration, Payload-Oxum. Without signature. */
export function finishBag(files: Files, tenant: string): Files {
  const hashOf = (name: string) => createHash("sha256").update(files.get(name)!).digest("hex");
  const payload = [...files.keys()].filter((name) => name.startsWith("data/")).sort();
  const payloadBytes = payload.reduce((sum, name) => sum + files.get(name)!.length, 0);
  files.set("bagit.txt", encodeUtf8(bagDeclaration));
  const info = { tenant, baggingDate: "2026-11-21", payloadBytes, payloadFiles: payload.length };
  files.set("bag-info.txt", encodeUtf8(bagInfo(info)));
  files.set("README.txt", encodeUtf8("see docs/verify.md\n"));
  files.set("VERIFY-WINDOWS.txt", encodeUtf8("see docs/verify.md\r\n"));
  files.set(manifestName, encodeUtf8(payload.map((name) => manifestLine(hashOf(name), name)).join("")));
  files.set(tagManifestName, encodeUtf8(tagFiles.map((name) => manifestLine(hashOf(name), name)).join("")));
  return files;
}
