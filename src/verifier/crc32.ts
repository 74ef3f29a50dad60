// CRC-32 of ZIP. For browsers the build puts crc32-browser.ts in its place, which knows no node:zlib.
export { crc32 } from "node:zlib";
