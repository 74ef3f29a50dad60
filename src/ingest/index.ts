export { createIngestMetrics, type IngestMetrics } from "./metrics.ts";
export { createRecorder, type Recorder, type RecorderDeps } from "./recorder.ts";
export { type IngestDeps, startIngest } from "./start.ts";
