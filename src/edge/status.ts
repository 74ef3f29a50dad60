import { X509Certificate } from "node:crypto";
import { outboxDir, readIdentity, readSettings } from "./identity.ts";
import { openOutboxReadOnly } from "./outbox-database.ts";
import { type BoxState, type Loss, readState, recentLosses } from "./outbox-rows.ts";

export type EdgeStatus = {
  device: string;
  server: string;
  certificateUntil: string;
  outbox: (BoxState & { losses: Loss[] }) | null; // null before the first run
};

// What is on the disk, whether or not the edge runs.
export async function readStatus(dir: string): Promise<EdgeStatus> {
  const { device, server } = await readSettings(dir);
  const { certificate } = await readIdentity(dir);
  const certificateUntil = new Date(new X509Certificate(certificate).validTo).toISOString();
  const database = openOutboxReadOnly(outboxDir(dir));
  if (!database) return { device, server, certificateUntil, outbox: null };
  try {
    const outbox = { ...readState(database), losses: recentLosses(database, 20) };
    return { device, server, certificateUntil, outbox };
  } finally {
    database.close();
  }
}
