import { tmpdir } from "node:os";
import type { IngestDeps } from "../../src/ingest/index.ts";
import type { Broker } from "../support/mosquitto.ts";

/** The parts of a configuration that ingest reads. */
export function ingestConfig(
  broker: Pick<Broker, "host" | "port"> & {
    pki: Pick<Broker["pki"], "workerCertFile" | "workerKeyFile"> & { section: { caFile: string } };
  },
  ingest: Partial<IngestDeps["config"]["ingest"]> = {},
): IngestDeps["config"] {
  return {
    appliance: { id: "00000000-0000-4000-8000-000000000001", dataDir: tmpdir() },
    objects: { directory: tmpdir() },
    postgres: {},
    mqtt: {
      host: broker.host,
      port: broker.port,
      certFile: broker.pki.workerCertFile,
      keyFile: broker.pki.workerKeyFile,
      caFile: broker.pki.section.caFile,
      clientId: "ledgerstone-worker",
    },
    ingest: {
      flushEvents: 500,
      flushMs: 100,
      maxBodyBytes: 65_536,
      maxMessageBytes: 1_048_576,
      maxImageBytes: 33_554_432,
      minFreeBytes: 0,
      longestOfflineDays: 60,
      ...ingest,
    },
  };
}
