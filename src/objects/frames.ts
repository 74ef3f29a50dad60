import { type CipherGCM, createCipheriv, createDecipheriv, randomFillSync } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { AppError } from "../platform/errors.ts";

/**
 * The format of an encrypted file: the 8 bytes of `magic`, then frames. A frame is
 *
 *     word (u32 BE: plaintext length, top bit set on the last frame) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
 *
 * AES-256-GCM under the image's key. The associated data is the object's path, the frame's index and the word, so that a
 * file moved, cut off, reordered or joined from two does not decrypt. A frame holds up to 256 KiB, and may hold less: an
 * upload that broke off ends in a short frame and goes on with the next index. Nonces are random, since after a crash the
 * same index may be written again with other bytes.
 */
export const magic = Buffer.from("LSOBJ\0\0\x01", "latin1");
export const frameBytes = 262_144;
export const headerBytes = 16;
export const overheadBytes = headerBytes + 16;
const lastFlag = 0x8000_0000;
const readAheadBytes = 4 * (frameBytes + overheadBytes) + headerBytes;

export type FrameContext = { path: string; key: Buffer };

export type FrameHeader = { length: number; last: boolean };

/** The parts of one frame, to be written in this order. */
export function encryptFrame(context: FrameContext, index: number, plaintext: Uint8Array, last: boolean): Buffer[] {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32BE((last ? plaintext.length + lastFlag : plaintext.length) >>> 0, 0);
  randomFillSync(header, 4, 12);
  const cipher: CipherGCM = createCipheriv("aes-256-gcm", context.key, header.subarray(4));
  cipher.setAAD(associated(context.path, index, header));
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return [header, ciphertext, cipher.getAuthTag()];
}

/** Null unless it is a frame that `encryptFrame` could have written. */
export function parseHeader(header: Buffer): FrameHeader | null {
  const word = header.readUInt32BE(0);
  const last = word >= lastFlag;
  const length = last ? word - lastFlag : word;
  if (length > frameBytes || (length === 0 && !last)) return null;
  return { length, last };
}

/** `frame` is a whole frame, header to tag. Null when it is not authentic. */
export function decryptFrame(context: FrameContext, index: number, frame: Buffer): Buffer | null {
  const decipher = createDecipheriv("aes-256-gcm", context.key, frame.subarray(4, headerBytes));
  decipher.setAAD(associated(context.path, index, frame));
  decipher.setAuthTag(frame.subarray(frame.length - 16));
  const plaintext = decipher.update(frame.subarray(headerBytes, frame.length - 16));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return null;
  }
}

function associated(path: string, index: number, header: Buffer): Buffer {
  return Buffer.from(`ledgerstone/object/v1\n${path}\n${index}\n${header.readUInt32BE(0)}\n`, "latin1");
}

/** Walks over a file's frames. `next` gives a whole frame, `skip` passes one by without reading its bytes. */
export function frameWalk(file: FileHandle, start = magic.length) {
  let position = start;
  let target: Buffer = Buffer.alloc(0);
  let buffer: Buffer = target;
  let bufferStart = start;

  const at = async (length: number): Promise<Buffer | null> => {
    const from = position - bufferStart;
    if (from < 0 || from + length > buffer.length) {
      // One buffer for the whole walk: a megabyte for each read, and for the read that finds the end, kept the collector busy.
      if (target.length < length) target = Buffer.allocUnsafe(Math.max(length, readAheadBytes));
      const { bytesRead } = await file.read(target, 0, target.length, position);
      buffer = target.subarray(0, bytesRead);
      bufferStart = position;
    }
    const found = buffer.subarray(position - bufferStart, position - bufferStart + length);
    return found.length === length ? found : null;
  };
  const peek = async () => {
    const header = await at(headerBytes);
    return header && parseHeader(header);
  };
  return {
    position: () => position,
    /** The next frame's header without moving on; null where no whole header is. */
    peek,
    /** The next frame, or null when it is not all there. The buffer is valid until the next call. */
    async next(): Promise<(FrameHeader & { frame: Buffer }) | null> {
      const header = await peek();
      const frame = header && (await at(header.length + overheadBytes));
      if (!header || !frame) return null;
      position += frame.length;
      return { ...header, frame };
    },
    skip(header: FrameHeader): void {
      position += header.length + overheadBytes;
    },
    async atEnd(): Promise<boolean> {
      return (await at(1)) === null;
    },
  };
}

export async function checkMagic(file: FileHandle, path: string): Promise<void> {
  const found = Buffer.alloc(magic.length);
  const { bytesRead } = await file.read(found, 0, magic.length, 0);
  if (bytesRead === magic.length && found.equals(magic)) return;
  throw damaged(path, `a beginning of ${found.subarray(0, bytesRead).toString("hex") || "no bytes"}`);
}

export function damaged(path: string, found: string): AppError {
  return new AppError("object-damaged", "a stored object is damaged", {
    found: `${path}: ${found}`,
    expected: "a file as Ledgerstone wrote it, under this key and at this path",
    remedy: "restore the file from a backup of the object store",
  });
}
