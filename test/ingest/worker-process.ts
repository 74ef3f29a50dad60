// Ingest alone, in a process that a test may kill. argv[2]: JSON of { section, masterKey, config }.
import { startIngest } from "../../src/ingest/index.ts";
import { createKeyring, createMasterKey } from "../../src/keys/index.ts";
import { createPool } from "../../src/platform/db.ts";
import { createLogger } from "../../src/platform/logger.ts";

const { section, masterKey, config } = JSON.parse(process.argv[2] ?? "{}");
const pool = await createPool({ ...section, poolSize: 6 }, "app");
const keyring = createKeyring(createMasterKey(Buffer.from(masterKey, "hex")));
const ingest = await startIngest({ config, pool, keyring, log: createLogger("worker", "warn") });
process.stdout.write("ready\n");
process.once("SIGTERM", async () => {
  await ingest.stop();
  await pool.end();
});
