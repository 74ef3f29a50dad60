import { hash } from "node:crypto";
import type { TenantTx } from "../audit/index.ts";
import { type Keyring, seal, subjectHash } from "../keys/index.ts";
import type { WireEvent } from "../record/wire.ts";
import type { Refused } from "./admit.ts";
import type { Incoming } from "./incoming.ts";
import type { DeadLetter } from "./store-batch.ts";

/**
 * What was refused, sealed under the tenant's data key. Over quota nothing is kept: the quota bounds that too. The same
 * refusal of the same words has the same id, so that a re-send leaves one letter.
 */
export async function sealDeadLetters(
  keyring: Keyring,
  tx: TenantTx,
  items: readonly Incoming[],
  refused: readonly Refused[],
): Promise<DeadLetter[]> {
  const kept = refused.filter(({ reason }) => reason !== "quota");
  if (kept.length === 0) return [];
  const dataKey = await keyring.dataKey(tx);
  const indexKey = await keyring.indexKey(tx);
  const letters = new Map<string, DeadLetter>();
  for (const { at, siteId, reason, detail } of kept) {
    const item = items[at]!;
    const content = contentOf(item);
    const letterId = letterIdOf(item, reason, content);
    const subjects = item.parsed.ok ? item.parsed.event.subjects : [];
    letters.set(letterId, {
      letterId,
      siteId,
      sourceType: item.sender.type,
      sourceId: item.sender.id,
      reason,
      detail: withoutFound(detail),
      sealed: seal(dataKey, letterContext(letterId), content),
      keyVersion: dataKey.version,
      subjects: subjects.map((subject) => subjectHash(indexKey, subject)),
    });
  }
  return [...letters.values()].sort((a, b) => (a.letterId < b.letterId ? -1 : 1));
}

/** What a letter's content is sealed for. */
export const letterContext = (letterId: string): string => `dead-letter ${letterId}`;

function contentOf({ parsed, bytes }: Incoming): Buffer {
  if (bytes) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Buffer.from(parsed.ok ? wireText(parsed.event) : parsed.text);
}

/** An event in its wire form again; the body to the byte as it came. */
function wireText({ id, kind, occurred, outbox, seq, body, subjects, images }: WireEvent): string {
  const others = JSON.stringify({ id, kind, occurred, outbox, seq, subjects, images });
  return `${others.slice(0, -1)},"body":${body}}`;
}

// The site of an API key's request is part of whose letter it is: its people see it there, and nowhere else.
function letterIdOf({ sender, siteId }: Incoming, reason: string, content: Buffer): string {
  const source = siteId === null ? sender.id : `${sender.id} ${siteId}`;
  const digest = hash("sha256", `ledgerstone/dead-letter/v1\n${source}\n${reason}\n${hash("sha256", content)}`);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** The table shows the detail in clear, so the words of the sender stay out of it. */
function withoutFound(detail: string): string {
  return detail.replace(/found .*, expected/s, "expected").slice(0, 500);
}
