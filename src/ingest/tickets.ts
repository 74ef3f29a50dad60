import { timestampFromMillis, timestampMillis } from "../record/time.ts";
import type { Admitted } from "./admit.ts";
import type { Batch } from "./build-batch.ts";
import { type ImageTicket, ticketPath } from "./incoming.ts";
import { type BatchClient, type KnownKey, selectPendingImages } from "./store.ts";

/** Outlives the longest offline window (60 days): an edge may get its ticket, lose its link, and come back. */
export const ticketDays = 61;

export const ticketExpiry = (received: string): string =>
  timestampFromMillis(timestampMillis(received) + ticketDays * 86_400_000);

export function newTickets(batch: Batch): Map<string, ImageTicket[]> {
  const expires = batch.images.length > 0 ? ticketExpiry(batch.received) : "";
  const tickets = new Map<string, ImageTicket[]>();
  for (const { event, n, imageId } of batch.images) {
    const { sha256 } = event.images[n]!;
    const list = tickets.get(event.id) ?? [];
    list.push({ event: event.id, n, sha256, image: imageId, path: ticketPath(imageId), expires });
    tickets.set(event.id, list);
  }
  return tickets;
}

/** A re-sent event gets the tickets of those of its images that have not come. */
export async function pendingTickets(
  client: BatchClient,
  tenantId: string,
  known: readonly KnownKey[],
  repeated: readonly Admitted[],
): Promise<Map<string, ImageTicket[]>> {
  const withImages = new Set(repeated.filter((event) => event.images.length > 0).map((event) => event.id));
  const keys = known.filter((key) => withImages.has(key.id));
  const tickets = new Map<string, ImageTicket[]>();
  if (keys.length === 0) return tickets;
  for (const { event, n, sha256, image, received } of await selectPendingImages(client, tenantId, keys)) {
    const list = tickets.get(event) ?? [];
    list.push({ event, n, sha256, image, path: ticketPath(image), expires: ticketExpiry(received) });
    tickets.set(event, list);
  }
  return tickets;
}
