export { type Edge, type EdgeOptions, type EdgeStats, edgeVersion, startEdge } from "./edge.ts";
export { enrol, parseCode, renewIfDue } from "./enrol.ts";
export { type EdgeSettings, isEnrolled, outboxDir, readIdentity, readSettings } from "./identity.ts";
export type { NewEvent } from "./new-event.ts";
export { Outbox, type OutboxOptions } from "./outbox.ts";
export { loadPhotographs, stampPhotograph } from "./photographs.ts";
export { type Mix, makeScenes } from "./scenes.ts";
export { runSimulator, type Simulator, type SimulatorOptions, type SimulatorStats } from "./simulator.ts";
export { type EdgeStatus, readStatus } from "./status.ts";
