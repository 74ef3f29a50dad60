import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { asUser, type NativeServer, portAnswers } from "./processes.ts";

/** Newest installed server's programs: Debian keeps them out of PATH. */
export function postgresBin(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root)
    ? readdirSync(root).filter((name) => existsSync(join(root, name, "bin/postgres")))
    : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (!newest)
    throw new Error(
      "no PostgreSQL server found: expected one below /usr/lib/postgresql; install the package postgresql",
    );
  return join(root, newest, "bin");
}

const isRoot = userInfo().uid === 0;

/** Initialises the data directory once (checksums, SCRAM); root hands it to the `postgres` user, since Postgres refuses root. */
export function initPostgres(directory: string, superuserPassword: string): void {
  if (existsSync(join(directory, "data/PG_VERSION"))) return;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const passwordFile = join(directory, "superuser-password");
  writeFileSync(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
  if (isRoot) {
    const [uid, gid] = idsOf("postgres");
    chownSync(directory, uid, gid);
    chownSync(passwordFile, uid, gid);
  }
  const initdb = [
    join(postgresBin(), "initdb"),
    "-D",
    join(directory, "data"),
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    "--pwfile",
    passwordFile,
    "-k",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
  ];
  const [command, args] = asUser("postgres", initdb[0]!, initdb.slice(1));
  execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
}

export function postgresServer(directory: string, port: number): NativeServer {
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    "max_connections=120",
    "shared_buffers=256MB",
    "password_encryption=scram-sha-256",
    "max_locks_per_transaction=512",
    "timezone=UTC",
    "log_timezone=UTC",
    "max_wal_size=4GB",
    "wal_compression=on",
  ];
  return {
    name: "postgres",
    command: join(postgresBin(), "postgres"),
    args: ["-D", join(directory, "data"), ...settings.flatMap((setting) => ["-c", setting])],
    user: "postgres",
    ready: () => portAnswers(port),
  };
}

export const superuserPassword = (directory: string): string =>
  readFileSync(join(directory, "superuser-password"), "utf8").trim();

function idsOf(user: string): [number, number] {
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((line) => line.startsWith(`${user}:`));
  if (!entry) throw new Error(`no system user ${user}: install the package postgresql`);
  const fields = entry.split(":");
  return [Number(fields[2]), Number(fields[3])];
}
