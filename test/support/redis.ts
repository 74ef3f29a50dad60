import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { freePort } from "./ports.ts";
import { waitUntil } from "./process.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export type RedisServer = Omit<Service, "stop"> & {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** The section `redis` of an appliance's configuration. */
  readonly section: { host: string; port: number; passwordFile: string };
  /** Sends one command and returns the first line of the answer, e.g. `command("FLUSHALL")` is `+OK`. */
  command(...words: string[]): Promise<string>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
};

/** A Redis as the appliance runs it: noeviction, AOF each second, password. */
export async function startRedis(): Promise<RedisServer> {
  const directory = await temporaryDirectory("redis");
  const password = randomBytes(18).toString("base64url");
  const passwordFile = join(directory, "password");
  const configFile = join(directory, "redis.conf");
  const host = "127.0.0.1";
  const port = await freePort();
  await writeFile(passwordFile, password, { mode: 0o600 });
  const settings = [
    `bind ${host}`,
    `port ${port}`,
    `dir ${directory}`,
    `requirepass ${password}`,
    "appendonly yes",
    "appendfsync everysec",
    "maxmemory 256mb",
    "maxmemory-policy noeviction",
    'save ""',
    "",
  ];
  await writeFile(configFile, settings.join("\n"), { mode: 0o600 });

  const command = (...words: string[]) => ask({ host, port }, [`AUTH ${password}`, words.join(" ")]);
  const answers = async () => (await command("PING")) === "+PONG";
  const redis = service({ name: "redis", command: "redis-server", args: [configFile] }, (running) =>
    waitUntil(`redis on port ${port}`, answers, { running }),
  );
  await redis.start();
  return {
    ...redis,
    host,
    port,
    password,
    section: { host, port, passwordFile },
    command,
    async stop() {
      await redis.stop();
      await removeDirectory(directory);
    },
  };
}

/** Sends inline commands; resolves with the first line of the answer to the last one. */
function ask(address: { host: string; port: number }, commands: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(address, () => socket.write(`${commands.join("\r\n")}\r\n`));
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\r\n");
      if (lines.length <= commands.length) return;
      socket.destroy();
      resolve(lines[commands.length - 1] ?? "");
    });
    socket.once("error", reject);
    socket.once("end", () => reject(new Error("redis closed the connection")));
  });
}
