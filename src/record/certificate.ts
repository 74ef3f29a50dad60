import type { ErasureBasis, Reason } from "./control.ts";
import { parseStrictJson } from "./json.ts";
import { namedHash, type Row } from "./row.ts";
import { fieldsOf, listOf, matching } from "./shape.ts";
import { isUuid } from "./text.ts";
import { isTimestamp, type Timestamp } from "./time.ts";
import type { TombstoneLine } from "./tombstone.ts";

/** What the appliance says beyond what the chain proves. */
export type CertificateStatement = {
  /** when the last backup that still holds the content expires; null when unknown */
  lastBackupExpires: Timestamp | null;
  /** exports (uuids) that had disclosed the content before */
  disclosedBy: string[];
};

export type ErasedCounts = { openings: number; events: number; images: number };

export function erasedCounts(lines: TombstoneLine[]): ErasedCounts {
  const counts = { openings: 0, events: 0, images: 0 };
  for (const line of lines) {
    if (line.kind === "opening") counts.openings++;
    else if (line.kind === "openings") counts.openings += line.count;
    else if (line.kind === "site-day") counts.events += line.events;
    else if (line.kind === "event") counts.events++;
    else if (line.kind === "image-day") counts.images += line.images;
    else counts.images++;
  }
  return counts;
}

export type Certified = { row: Row; rowHash: string; reason: Reason; lines: TombstoneLine[] };

/** data/erasures/<uuid>.json: everything but `statement` follows from the chain, and a verifier builds it again. */
export function certificateJson(certified: Certified, statement: CertificateStatement | null): string {
  const { row, rowHash, reason, lines } = certified;
  const basis: ErasureBasis = reason.basis;
  const certificate = {
    format: "ledgerstone/certificate/v1",
    tenant: row.tenant,
    erasure: row.entity.id,
    seq: row.seq,
    at: row.at,
    row: rowHash,
    erased: namedHash(row.commits, "erased") ?? null,
    basis,
    policies: reason.policies,
    request: reason.request ?? null,
    lines: lines.length,
    counts: erasedCounts(lines),
    statement,
  };
  return `${JSON.stringify(certificate, null, 1)}\n`;
}

/** The statement inside a certificate; the rest is compared byte by byte. Throws FormatError. */
export function parseStatement(source: Uint8Array): CertificateStatement | null {
  const keys = "format tenant erasure seq at row erased basis policies request lines counts statement".split(" ");
  const { statement } = fieldsOf(parseStrictJson(source, { integersOnly: true }), keys, "certificate");
  if (statement === null) return null;
  const fields = fieldsOf(statement, ["lastBackupExpires", "disclosedBy"], "statement");
  const expires = fields.lastBackupExpires;
  return {
    lastBackupExpires: expires === null ? null : matching(expires, isTimestamp, "lastBackupExpires"),
    disclosedBy: listOf(fields.disclosedBy, "disclosedBy", (id) => matching(id, isUuid, "uuid")),
  };
}
