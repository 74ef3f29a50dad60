export { createHealthSource, type HealthSource, type QueueState } from "./source.ts";
