export { createHealthSource, type HealthSource, type QueueState, type SourceDeps } from "./source.ts";
