import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NativeServer, portAnswers } from "./processes.ts";

/** Redis as the appliance needs it: password, append-only file, never evicting. The password is in a file, not on the command line. */
export function redisServer(directory: string, port: number, password: string): NativeServer {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const config = join(directory, "redis.conf");
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir ${directory}`,
    `requirepass ${password}`,
    "appendonly yes",
    "appendfsync everysec",
    "maxmemory-policy noeviction",
    "maxmemory 256mb",
    'save ""',
    "daemonize no",
  ];
  writeFileSync(config, `${lines.join("\n")}\n`, { mode: 0o600 });
  return { name: "redis", command: "redis-server", args: [config], ready: () => portAnswers(port) };
}
