import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "./ports.ts";
import { run, waitUntil } from "./process.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

/** `kill` ends the postmaster at once, without a checkpoint: a crash. */
export type PostgresServer = Omit<Service, "stop"> & {
  readonly host: string;
  readonly port: number;
  readonly directory: string;
  readonly superuser: string;
  readonly password: string;
  /** File with the password, for programs that read secrets from files. */
  readonly passwordFile: string;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

/** Where initdb and postgres live: beside pg_config's answer, or the newest of Debian's version directories. */
export function postgresBinDirectory(): string {
  const versions = "/usr/lib/postgresql";
  const newest = existsSync(versions)
    ? readdirSync(versions)
        .filter((name) => existsSync(join(versions, name, "bin/initdb")))
        .sort((a, b) => Number(b) - Number(a))[0]
    : undefined;
  if (newest) return join(versions, newest, "bin");
  const told = execFileSync("pg_config", ["--bindir"], { encoding: "utf8" }).trim();
  if (existsSync(join(told, "initdb"))) return told;
  throw new Error(`no initdb under ${versions} nor in ${told}: install the Debian package postgresql`);
}

/** Postgres refuses to run as root: then the account postgres of Debian's package owns its files and runs it. */
function serverAccount(): { user?: string; uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { user: "postgres", uid: id("-u"), gid: id("-g") };
}

const settings = (port: number, directory: string) => ({
  listen_addresses: "127.0.0.1",
  port: String(port),
  unix_socket_directories: directory,
  max_connections: "200",
  shared_buffers: "128MB",
  fsync: "on",
  max_wal_size: "512MB",
  log_min_messages: "warning",
  password_encryption: "scram-sha-256",
  timezone: "Europe/Berlin",
});

/**
 * A Postgres server of its own in a temporary directory, durable as in production. Its locale sorts like a dictionary and
 * its time zone is not UTC, so that code which forgets `collate "C"` or a zone fails here and not at a customer's.
 */
export async function startPostgresServer(): Promise<PostgresServer> {
  const bin = postgresBinDirectory();
  const account = serverAccount();
  const directory = await temporaryDirectory("postgres");
  const data = join(directory, "data");
  await mkdir(data, { mode: 0o700 });
  const password = randomBytes(18).toString("base64url");
  const passwordFile = join(directory, "superuser-password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [directory, data, passwordFile]) await chown(path, account.uid, account.gid);
  }
  const guarded = { user: account.user, cwd: directory, deathSignal: "INT" as const };
  const args = ["-D", data, "--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
  const locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"];
  await run({ name: "initdb", command: join(bin, "initdb"), args: [...args, ...locale], ...guarded });

  const port = await freePort();
  const options = Object.entries(settings(port, directory)).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const postgres = service(
    { name: "postgres", command: join(bin, "postgres"), args: ["-D", data, ...options], ...guarded },
    (running) =>
      waitUntil(`postgres on port ${port}`, () => answers({ port, password }), { timeoutMs: 60_000, running }),
  );
  await postgres.start();
  return {
    ...postgres,
    host: "127.0.0.1",
    port,
    directory,
    superuser: "postgres",
    password,
    passwordFile,
    async stop() {
      await postgres.stop("SIGINT");
      await removeDirectory(directory);
    },
  };
}

async function answers({ port, password }: { port: number; password: string }): Promise<true> {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password, database: "postgres" });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
