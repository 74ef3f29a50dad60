import { exportBundle } from "../../src/evidence/export.ts";
import { everythingRequest, type ForkSettings, forkedExporter } from "./fixture.ts";

// Exports in a process of its own, tells its progress, and waits at the phase where it is to be killed.
const { phase: fatal, ...settings } = JSON.parse(process.env.KILL_ME!) as ForkSettings & { phase: string };
const { deps, principal } = await forkedExporter(settings);
const target = { kind: "file", path: `${settings.out}/bundle.zip` } as const;
await exportBundle(
  deps,
  { principal, request: everythingRequest, target, directory: `${settings.out}/work` },
  {
    onProgress({ phase }) {
      if (phase !== fatal) return;
      process.send!(phase);
      // The parent kills us here, at this very line.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  },
);
