import type { JobHandlers, Round } from "../tasks/index.ts";
import {
  findWithoutThumbnail,
  makeThumbnails,
  recordViews,
  seenKind,
  type ThumbnailDeps,
  thumbnailKind,
} from "./index.ts";

/** Task kind → the function that does it. */
export const imageHandlers: JobHandlers<ThumbnailDeps> = {
  [thumbnailKind]: makeThumbnails,
  [seenKind]: recordViews,
};

/** What comes round by the clock, by scheduler name. */
export function imageRounds(deps: ThumbnailDeps): Record<string, Round> {
  return { "images.without-thumbnail": { everyMs: 300_000, run: (signal) => findWithoutThumbnail(deps, signal) } };
}
