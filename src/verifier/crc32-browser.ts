// CRC-32 of ZIP (polynomial 0xEDB88320), four bytes at a step.
const tables = makeTables();

function makeTables(): Uint32Array[] {
  const first = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    first[i] = crc >>> 0;
  }
  const all = [first];
  for (let t = 1; t < 4; t++) all.push(Uint32Array.from(all[t - 1]!, (crc) => (crc >>> 8) ^ first[crc & 255]!));
  return all;
}

/** Goes on from an earlier value; begin with 0. */
export function crc32(data: Uint8Array, earlier: number): number {
  const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = ~earlier;
  let at = 0;
  for (const end = data.length - 3; at < end; at += 4) {
    crc ^= data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!;
  }
  for (; at < data.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ data[at]!) & 255]!;
  return ~crc >>> 0;
}
