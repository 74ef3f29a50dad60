import { parentPort, workerData } from "node:worker_threads";
import { bareLibrary } from "./bare.ts";

// The library's own check where it may take forever.
if (parentPort) parentPort.postMessage(await bareLibrary(workerData.to, workerData.options)(workerData.response));
