import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createPki, type TestPki } from "./pki.ts";
import { freePort } from "./ports.ts";
import { portAnswers, type RunningProcess, startProcess, waitUntil } from "./process.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export type Broker = {
  readonly host: string;
  /** Mutual TLS, MQTT 5. */
  readonly port: number;
  /** The second listener, username and password over TLS; 0 unless asked for. */
  readonly plainPort: number;
  readonly passwordFile: string;
  readonly pidFile: string;
  readonly directory: string;
  readonly pki: TestPki;
  pid(): number;
  output(): string;
  /** Reads passwords, ACL and CRL again (SIGHUP). */
  reload(): void;
  /** Ends it at once: everything queued in it is gone. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** A Mosquitto with the appliance's listeners and ACL. Pass the authorities to share them with other servers. */
export async function startMosquitto(options: { pki?: TestPki; plain?: boolean } = {}): Promise<Broker> {
  const directory = await temporaryDirectory("mosquitto");
  const pki = options.pki ?? (await createPki(directory));
  const files = {
    config: join(directory, "mosquitto.conf"),
    acl: join(directory, "acl"),
    passwords: join(directory, "passwords"),
    pid: join(directory, "mosquitto.pid"),
  };
  const port = await freePort();
  const plainPort = options.plain ? await freePort() : 0;
  await writeFile(files.acl, accessList, { mode: 0o600 });
  await writeFile(files.passwords, "", { mode: 0o600 });
  await writeFile(files.config, configuration({ port, plainPort, pki, files }), { mode: 0o600 });

  let running: RunningProcess | undefined;
  const start = async () => {
    running = startProcess({ name: "mosquitto", command: "mosquitto", args: ["-c", files.config] });
    await waitUntil(`mosquitto on port ${port}`, () => portAnswers(port), { running });
  };
  await start();
  return {
    host: "127.0.0.1",
    port,
    plainPort,
    passwordFile: files.passwords,
    pidFile: files.pid,
    directory,
    pki,
    pid: () => running?.pid ?? 0,
    output: () => running?.output() ?? "",
    reload: () => running?.signal("SIGHUP"),
    async kill() {
      await running?.stop("SIGKILL");
    },
    start,
    async stop() {
      await running?.stop("SIGTERM");
      await removeDirectory(directory);
    },
  };
}

const accessList = `user worker
topic read v1/+/up/#
topic write v1/+/down/#
pattern write v1/%u/up/#
pattern read v1/%u/down/#
`;

type Files = { config: string; acl: string; passwords: string; pid: string };

function configuration(of: { port: number; plainPort: number; pki: TestPki; files: Files }): string {
  const { pki, files } = of;
  const tls = [`certfile ${pki.serverCertFile}`, `keyfile ${pki.serverKeyFile}`, "tls_version tlsv1.2"];
  const listener = [
    `listener ${of.port} 127.0.0.1`,
    ...tls,
    `cafile ${pki.section.deviceCaCertFile}`,
    `crlfile ${pki.section.crlFile}`,
    "require_certificate true",
    "use_identity_as_username true",
    "allow_anonymous false",
    `acl_file ${files.acl}`,
  ];
  const plain = [
    `listener ${of.plainPort} 127.0.0.1`,
    ...tls,
    "allow_anonymous false",
    `password_file ${files.passwords}`,
    `acl_file ${files.acl}`,
  ];
  return [
    "per_listener_settings true",
    // As root it would change to an account that cannot read our files.
    `user ${userInfo().username}`,
    `pid_file ${files.pid}`,
    "log_dest stderr",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "persistence false",
    "max_inflight_messages 1000",
    "max_queued_messages 100000",
    "max_queued_bytes 268435456",
    "max_packet_size 1114112",
    ...listener,
    ...(of.plainPort ? plain : []),
    "",
  ].join("\n");
}
