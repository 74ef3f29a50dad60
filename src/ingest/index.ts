export { type EventResult, type HttpIngestDeps, ingestHttp, requireIngestSite } from "./http-events.ts";
export { createIngestMetrics, type IngestMetrics } from "./metrics.ts";
export { ingestMultipart, type MultipartResult } from "./multipart.ts";
export { createRecorder, type Recorder, type RecorderDeps } from "./recorder.ts";
export { type IngestDeps, startIngest } from "./start.ts";
export {
  type ImageDeps,
  imageUploadStatus,
  type UploadResult,
  type UploadStatus,
  uploadImage,
} from "./upload-image.ts";
