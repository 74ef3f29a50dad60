export type MediaType = "image/jpeg" | "image/png" | "image/webp";

/** How many bytes of a file `sniffMediaType` needs. */
export const sniffBytes = 12;

/** What the first bytes say it is, whatever the sender declared; null for anything that we do not keep. */
export function sniffMediaType(head: Uint8Array): MediaType | null {
  const text = Buffer.from(head.subarray(0, sniffBytes)).toString("latin1");
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "image/webp";
  return null;
}
