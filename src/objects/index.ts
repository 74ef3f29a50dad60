export { createDirectoryStore, type ObjectStore } from "./directory-store.ts";
export {
  damaged as damagedObject,
  decryptFrame,
  encryptFrame,
  type FrameContext,
  frameBytes,
  frameWalk,
  magic as frameMagic,
  overheadBytes as frameOverhead,
  readyContext,
} from "./frames.ts";
export type { StoredObject, StoredPartial } from "./list.ts";
export { type MediaType, sniffMediaType } from "./media-type.ts";
export { dayPath, type ObjectRef, objectPath, parseObjectPath } from "./paths.ts";
export { type ByteRange, type ReadBuffers, readBuffers } from "./read.ts";
export { createThumbnailer, type Thumbnail, type Thumbnailer } from "./thumbnails.ts";
export type { Upload, UploadKeys } from "./uploads.ts";
export type { Declared, Finished } from "./writer.ts";
