import { type MessagePort, parentPort } from "node:worker_threads";
import { type ValidationJob, validateResponse } from "./validate.ts";

// The thread of validator.ts: a job in, a validation out, one at a time. A hostile response may keep it busy until it is killed.
function serve(port: MessagePort): void {
  port.on("message", async (job: ValidationJob) => port.postMessage(await validateResponse(job)));
  port.postMessage("ready");
}

if (parentPort) serve(parentPort);
