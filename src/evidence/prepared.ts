import { createHash } from "node:crypto";
import { join } from "node:path";
import { AppError } from "../platform/errors.ts";
import { isMissing, moveFile, syncDirectory } from "../platform/files.ts";
import type { Trust } from "../record/scope.ts";
import type { MemoryFile } from "./bag.ts";
import { type ImageFile, readImageList } from "./image-list.ts";
import type { Frame, Plan } from "./plan.ts";
import type { BundleRequest } from "./schema.ts";
import { openSealedSink } from "./sink.ts";
import { openSealedSource } from "./source.ts";
import { type FinishedPart, readable } from "./text-part.ts";
import type { Workplace } from "./workplace.ts";

/** All of a bundle but the bytes of its images, and where those are: from here on nothing is asked of the ledger. */
export type Prepared = {
  plan: Plan;
  frame: Frame;
  files: MemoryFile[];
  parts: FinishedPart[];
  images: { count: number; totalBytes: number; list(): AsyncGenerator<ImageFile> };
  events: number;
  /** HMACs of the subjects that it discloses. */
  subjects: Buffer[];
};

const fileName = "prepared";
const format = 1;

/** What a bundle depends on beside the ledger: an attempt for anything else has nothing to go on with. */
export function makingOf(
  tenantId: string,
  request: BundleRequest,
  about: { trust: Trust; signer: string; partBytes: number | undefined },
): string {
  const text = JSON.stringify({ format, tenantId, request, ...about }, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
  );
  return createHash("sha256").update(text).digest("hex");
}

/** Durable when it resolves, as is everything that it names. */
export async function savePrepared(workplace: Workplace, prepared: Prepared, making: string): Promise<void> {
  const { plan, frame, files, parts, images, events, subjects } = prepared;
  const { checkpoint } = frame;
  const kept: Kept = {
    making,
    plan,
    frame: { ...frame, checkpoint: { ...checkpoint, root: checkpoint.root.toString("hex") } },
    files: files.map(({ content, ...file }) => ({ ...file, content: Buffer.from(content).toString("base64") })),
    parts: parts.map(({ read: _, ...part }) => part),
    images: { count: images.count, totalBytes: images.totalBytes },
    events,
    subjects: subjects.map((subject) => subject.toString("hex")),
  };
  await syncDirectory(workplace.directory);
  const { path, context } = place(workplace);
  const sink = await openSealedSink(`${path}.unfinished`, context);
  try {
    await sink.append(Buffer.from(JSON.stringify(kept)));
  } catch (error) {
    await sink.abandon();
    throw error;
  }
  await sink.close();
  await moveFile(`${path}.unfinished`, path);
}

/** What an earlier attempt saved. Undefined when it came not so far, or was for another bundle. */
export async function readPrepared(workplace: Workplace, making: string): Promise<Prepared | undefined> {
  const kept = await readKept(workplace);
  if (kept?.making !== making) return undefined;
  const { plan, frame, events } = kept;
  return {
    plan,
    frame: { ...frame, checkpoint: { ...frame.checkpoint, root: Buffer.from(frame.checkpoint.root, "hex") } },
    files: kept.files.map((file) => ({ ...file, content: Buffer.from(file.content, "base64") })),
    parts: kept.parts.map((part) => readable(workplace, part)),
    images: { ...kept.images, list: () => readImageList(workplace) },
    events,
    subjects: kept.subjects.map((hex) => Buffer.from(hex, "hex")),
  };
}

async function readKept(workplace: Workplace): Promise<Kept | undefined> {
  const { path, context } = place(workplace);
  try {
    const source = await openSealedSource(path, context);
    try {
      return JSON.parse(Buffer.from(await source.read(0, source.size)).toString("utf8"));
    } finally {
      await source.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof AppError && error.code === "object-damaged") return undefined;
    throw error;
  }
}

type Kept = {
  making: string;
  plan: Plan;
  frame: Omit<Frame, "checkpoint"> & { checkpoint: Omit<Frame["checkpoint"], "root"> & { root: string } };
  files: (Omit<MemoryFile, "content"> & { content: string })[];
  parts: Omit<FinishedPart, "read">[];
  images: { count: number; totalBytes: number };
  events: number;
  subjects: string[];
};

const place = ({ directory, key }: Workplace) => ({
  path: join(directory, fileName),
  context: { path: fileName, key },
});
