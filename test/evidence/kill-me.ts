import { exportBundle } from "../../src/evidence/export.ts";
import { everythingRequest, forkedExporter, type KillSettings } from "./fixture.ts";

// Exports in a process of its own, and waits to be killed when it has told its progress in the fatal phase so many times.
const { phase: fatal, after, target, ...settings } = JSON.parse(process.env.KILL_ME!) as KillSettings;
const { deps, principal } = await forkedExporter(settings);
let told = 0;
await exportBundle(
  deps,
  {
    principal,
    request: everythingRequest,
    target: target.kind === "sealed" ? { ...target, key: Buffer.from(target.key as never, "hex") } : target,
    directory: `${settings.out}/work`,
  },
  {
    onProgress({ phase }) {
      if (phase !== fatal || ++told < after) return;
      process.send!(phase);
      // The parent kills us here, at this very line.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  },
);
