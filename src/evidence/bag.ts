import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import {
  bagDeclaration,
  bagInfo,
  manifestLine,
  manifestName,
  names,
  signatureName,
  tagFiles,
  tagManifestName,
} from "../record/bag.ts";
import { compareAscii } from "../record/bytes.ts";
import { bundleFormat, type Scope, scopeJson, type Trust, trustJson } from "../record/scope.ts";
import { timestampFromMillis } from "../record/time.ts";
import { type CmsSigner, signDetached } from "./cms.ts";
import type { Collected } from "./collect.ts";
import type { Frame, Plan } from "./plan.ts";
import { readmeText, windowsText } from "./readme.ts";
import { reportHtml } from "./report.ts";
import type { BundleRequest } from "./schema.ts";
import type { EntryHead } from "./zip.ts";

/** A small file held in memory. */
export type MemoryFile = EntryHead & { sha256: string; content: Uint8Array };

export type BagInput = {
  collected: Collected;
  request: BundleRequest;
  plan: Plan;
  frame: Frame;
  tenant: { id: string; name: string };
  trust: Trust;
  madeAt: number;
};

/** Everything that speaks of the bag as a whole: scope, trust and report; then the tag files, the last of them signed. */
export function finishBag(input: BagInput, signer: CmsSigner): MemoryFile[] {
  const { collected, madeAt } = input;
  const scope = scopeOf(input);
  const payload = [
    memoryFile(names.scope, scopeJson(scope)),
    memoryFile(names.trust, trustJson(input.trust)),
    memoryFile(names.report, reportHtml({ ...input, scope, signer })),
  ];
  const hashes = new Map<string, string>();
  for (const file of [...payload, ...collected.parts]) hashes.set(file.name, file.sha256);
  for (const name of collected.images.names) hashes.set(name, name.slice(15, 79));
  const payloadBytes =
    [...payload, ...collected.parts].reduce((sum, file) => sum + file.bytes, 0) + collected.images.totalBytes;
  const text = { rows: exampleRows(input.plan), signedAt: madeAt, trust: input.trust, scope };
  const info = {
    tenant: input.tenant.id,
    baggingDate: scope.made.slice(0, 10),
    payloadBytes,
    payloadFiles: hashes.size,
  };
  const tags = new Map<string, string>([
    ["README.txt", readmeText(text)],
    ["VERIFY-WINDOWS.txt", windowsText(text)],
    ["bag-info.txt", bagInfo(info)],
    ["bagit.txt", bagDeclaration],
    [manifestName, manifest(hashes)],
  ]);
  const tagged = tagFiles.map((name) => memoryFile(name, tags.get(name)!));
  const tagManifest = memoryFile(tagManifestName, manifest(new Map(tagged.map((file) => [file.name, file.sha256]))));
  const signature = memoryFile(signatureName, signDetached(tagManifest.content, signer, new Date(madeAt)));
  return [...tagged, tagManifest, signature, ...payload];
}

function scopeOf({ collected, request, plan, frame, tenant, madeAt }: BagInput): Scope {
  const { rows, events, images } = collected;
  const { scope } = request;
  return {
    format: bundleFormat,
    tenant: tenant.id,
    range: plan.range,
    extra: plan.extra,
    filters: {
      sites: request.sites,
      from: scope.kind === "range" ? scope.from : null,
      to: scope.kind === "range" ? scope.to : null,
      kinds: request.kinds,
      events: scope.kind === "incident" ? scope.events : null,
    },
    sites: collected.sites,
    checkpoint: { epoch: frame.checkpoint.epoch, size: frame.checkpoint.size },
    counts: {
      rows: rows.rows,
      openings: rows.openings,
      events: events.events,
      eventOpenings: events.eventOpenings,
      images: images.names.size,
      imageBytes: images.totalBytes,
      certificates: rows.certificates,
      withheldUnits: rows.withheldUnits,
      withheldEvents: events.withheldEvents,
      withheldImages: events.withheldImages,
    },
    made: timestampFromMillis(madeAt),
  };
}

/** A row whose lines README.txt shows how to hash, and the next one when it is in the bundle too: its `prev` says the hash. */
function exampleRows({ range, extra }: Plan): { row: number; next: number | undefined } {
  if (!range) return { row: extra[0]!, next: undefined };
  return { row: range.from, next: range.to > range.from ? range.from + 1 : undefined };
}

function manifest(hashes: Map<string, string>): string {
  return [...hashes]
    .sort(([a], [b]) => compareAscii(a, b))
    .map(([name, sha256]) => manifestLine(sha256, name))
    .join("");
}

function memoryFile(name: string, content: string | Uint8Array): MemoryFile {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    name,
    method: "stored",
    crc: crc32(bytes),
    bytes: bytes.length,
    packedBytes: bytes.length,
    sha256,
    content: bytes,
  };
}
