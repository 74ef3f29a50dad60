import { actorTypes, channels } from "../record/row.ts";

// What RowScanner looks for, as bytes.

export const hashChars = 64;
export const atBytes = "2026-11-21T20:50:00.123456Z".length;
export const lf = 10;
export const space = 32;
export const bar = 124;

// Kinds of bytes: of a token, of a number, of lower-case hex.
export const isToken = 1;
export const isDigit = 2;
export const isHex = 4;
export const kinds = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) {
  const char = String.fromCharCode(byte);
  if (/[A-Za-z0-9._:@/+-]/.test(char)) kinds[byte]! |= isToken;
  if (/[0-9]/.test(char)) kinds[byte]! |= isDigit;
  if (/[0-9a-f]/.test(char)) kinds[byte]! |= isHex;
}

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
export const epochWord = bytesOf("epoch ");
export const seqWord = bytesOf("seq ");
export const zone = bytesOf("+00\n");
export const actorWords = actorTypes.map((type) => bytesOf(`actor ${type} `));
export const viaWords = channels.map((channel) => bytesOf(`via ${channel}\n`));
export const actionWord = bytesOf("action ");
export const controlPrefix = bytesOf("ledger.");
export const entityWord = bytesOf("entity ");
export const correlationWord = bytesOf("correlation ");
export const controlWord = bytesOf("control ");
export const commitWord = bytesOf("commit ");
export const unitWord = bytesOf("unit ");
