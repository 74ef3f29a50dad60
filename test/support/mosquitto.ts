import { writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createPki, type TestPki } from "./pki.ts";
import { freePort } from "./ports.ts";
import { portAnswers, waitUntil } from "./process.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

export type Broker = Omit<Service, "stop"> & {
  readonly host: string;
  /** Mutual TLS, MQTT 5. */
  readonly port: number;
  /** The second listener, username and password over TLS; 0 unless asked for. */
  readonly plainPort: number;
  readonly passwordFile: string;
  readonly pidFile: string;
  readonly directory: string;
  readonly pki: TestPki;
  /** Reads passwords, ACL and CRL again (SIGHUP). */
  reload(): void;
  /** Stops it and removes its files. */
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

  const broker = mosquittoService(files.config, port);
  await broker.start();
  return {
    ...broker,
    host: "127.0.0.1",
    port,
    plainPort,
    passwordFile: files.passwords,
    pidFile: files.pid,
    directory,
    pki,
    reload: () => broker.signal("SIGHUP"),
    async stop() {
      await broker.stop();
      await removeDirectory(directory);
    },
  };
}

/** Mosquitto on a configuration file; ready when it listens on `port`. Debian keeps it out of a user's PATH. */
export function mosquittoService(configFile: string, port: number): Service {
  return service({ name: "mosquitto", command: "/usr/sbin/mosquitto", args: ["-c", configFile] }, (running) =>
    waitUntil(`mosquitto on port ${port}`, () => portAnswers(port), { running }),
  );
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
