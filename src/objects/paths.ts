import { AppError } from "../platform/errors.ts";

/** An image's encrypted file, or that of its thumbnail. `day` is the UTC day of the event's `received`. */
export type ObjectRef = { tenantId: string; imageId: string; day: string; kind: "image" | "thumbnail" };

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const shape = new RegExp(`^tenants/(${uuid})/images/(\\d{4})/(\\d{2})/(\\d{2})/(${uuid})(\\.thumb)?$`);

/** `tenants/<uuid>/images/<yyyy>/<mm>/<dd>/<image uuid>`, with `.thumb` for the thumbnail. Refuses anything else. */
export function objectPath(ref: ObjectRef): string {
  const path = `${dayPath(ref)}/${ref.imageId}${ref.kind === "thumbnail" ? ".thumb" : ""}`;
  if (parseObjectPath(path)) return path;
  throw new AppError("object-path", "an object has no such path", {
    found: JSON.stringify(path),
    expected: "lower-case uuids and a calendar day",
    remedy: "this is a fault in Ledgerstone: report it with the correlation id",
  });
}

/** The directory of a tenant's day, relative to the store, without a slash at its end. */
export function dayPath({ tenantId, day }: { tenantId: string; day: string }): string {
  return `tenants/${tenantId}/images/${day.replaceAll("-", "/")}`;
}

/** What a path names, or null when it is not exactly one of ours: no dots, no other segments, no impossible day. */
export function parseObjectPath(path: string): ObjectRef | null {
  const match = path === path.trim() && !path.includes("\n") ? shape.exec(path) : null;
  if (!match) return null;
  const [, tenantId = "", year, month, dayOfMonth, imageId = "", thumb] = match;
  const day = `${year}-${month}-${dayOfMonth}`;
  if (!isCalendarDay(day)) return null;
  return { tenantId, imageId, day, kind: thumb ? "thumbnail" : "image" };
}

/** Whether it is a tenant's day directory: the form in which a whole day is collected. */
export function isDayPath(path: string): boolean {
  const match = new RegExp(`^tenants/${uuid}/images/(\\d{4})/(\\d{2})/(\\d{2})/?$`).exec(path);
  return match !== null && !path.includes("\n") && isCalendarDay(`${match[1]}-${match[2]}-${match[3]}`);
}

function isCalendarDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** Where an upload in progress is kept, beside `.key`, the wrapped key that goes with it. */
export function partialPath({ tenantId, imageId }: { tenantId: string; imageId: string }): string {
  objectPath({ tenantId, imageId, day: "2000-01-01", kind: "image" });
  return `tenants/${tenantId}/partial/${imageId}`;
}
