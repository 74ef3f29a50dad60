export { type ImagesDeps, type OpenedImage, openImage } from "./open.ts";
export {
  findWithoutThumbnail,
  makeThumbnails,
  type ThumbnailDeps,
  thumbnailKind,
  thumbnailTask,
} from "./thumbnails.ts";
export { recordViews, seenKind } from "./views.ts";
