import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** One TLS listener. */
export type Listener = { port: number; bind?: string };

export type BrokerOptions = {
  /** Mosquitto's own account, when it starts as root. */
  user?: string;
  /** Where the files go that `writeBrokerConfig` writes, and where Mosquitto keeps its pid file and its sessions. */
  directory: string;
  /** 2.1 brings `accept_protocol_versions`; on 2.0 the session watch ends what is not MQTT 5. */
  mosquittoVersion?: "2.0" | "2.1";
  /** Of the broker itself, signed by the appliance CA (or the customer's). */
  serverCertFile: string;
  serverKeyFile: string;
  /** The device CA: with an intermediate, its chain up to the root. */
  deviceCaFile: string;
  crlFile: string;
  /** What signed the worker's certificate. Never the device CA, so that no device certificate can name itself `worker`. */
  workerCaFile: string;
  devices: Listener;
  worker: Listener;
  /** Username and password over TLS, for plain firmware. Absent: no such listener. */
  plain?: Listener & { passwordFile: string };
  /** Certificates of the customer's own CA. Absent: no such listener. */
  customer?: Listener & { caFile: string; crlFile?: string };
  maxMessageBytes?: number;
};

export type BrokerFiles = { config: string; devicesAcl: string; workerAcl: string; customerAcl: string };

/** Topics under which certificates of the customer's CA speak: by common name, which is no device uuid of ours. */
export const customerRoot = "v1x";

// %u is the certificate's common name or the password's username: the broker sets it, not the client.
const devicesAcl = "pattern write v1/%u/up/#\npattern read v1/%u/down/#\n";
const customerAcl = `pattern write ${customerRoot}/%u/up/#\npattern read ${customerRoot}/%u/down/#\n`;
const workerAcl = [
  "user worker",
  "topic read v1/+/up/#",
  "topic write v1/+/down/#",
  `topic read ${customerRoot}/+/up/#`,
  `topic write ${customerRoot}/+/down/#`,
  "topic read $SYS/broker/log/#",
  "topic read $SYS/broker/publish/#",
  "",
].join("\n");

/** The configuration of Mosquitto and its access lists. `files` are the paths under which the lists will lie. */
export function renderBrokerConfig(options: BrokerOptions): BrokerFiles {
  const { directory } = options;
  const config = [
    "# Written by Ledgerstone: changes here are lost.",
    "# Each listener has its own authority and its own access list: what one may, another may not.",
    "per_listener_settings true",
    ...(options.user ? [`user ${options.user}`] : []),
    `pid_file ${join(directory, "mosquitto.pid")}`,
    "log_dest stderr",
    "# The session watch reads who connected, and by which protocol version.",
    "log_dest topic",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "connection_messages true",
    "persistence true",
    `persistence_location ${directory}/`,
    "autosave_interval 60",
    "persistent_client_expiration 1d",
    "max_inflight_messages 1000",
    "# Explicit: 0 changed its meaning between releases. The limit in bytes is what holds.",
    "max_queued_messages 1000000",
    "max_queued_bytes 268435456",
    `max_packet_size ${(options.maxMessageBytes ?? 1_048_576) + 65_536}`,
    "queue_qos0_messages false",
    "# A retained message would come again with every subscription.",
    "retain_available false",
    "set_tcp_nodelay true",
    "",
    ...deviceListener(options),
    ...workerListener(options),
    ...plainListener(options),
    ...customerListener(options),
  ];
  return { config: config.join("\n"), devicesAcl, workerAcl, customerAcl };
}

/** Writes mosquitto.conf and the access lists into `options.directory`; returns the path of mosquitto.conf. */
export async function writeBrokerConfig(options: BrokerOptions): Promise<string> {
  const files = renderBrokerConfig(options);
  await mkdir(options.directory, { recursive: true, mode: 0o750 });
  const put = (name: string, text: string) => writeFile(join(options.directory, name), text, { mode: 0o640 });
  await put("devices.acl", files.devicesAcl);
  await put("worker.acl", files.workerAcl);
  await put("customer.acl", files.customerAcl);
  await put("mosquitto.conf", files.config);
  return join(options.directory, "mosquitto.conf");
}

function deviceListener(options: BrokerOptions): string[] {
  return [
    "# Devices: mutual TLS, MQTT 5. The username is the certificate's common name, the client id is the username: a device",
    "# can neither take over another's session nor hide from being ended by its name.",
    ...tlsListener(options, options.devices),
    `cafile ${options.deviceCaFile}`,
    `crlfile ${options.crlFile}`,
    "require_certificate true",
    "use_identity_as_username true",
    "use_username_as_clientid true",
    "maximum_qos 1",
    ...(options.mosquittoVersion === "2.1" ? ["accept_protocol_versions 5"] : []),
    `acl_file ${join(options.directory, "devices.acl")}`,
    "",
  ];
}

function workerListener(options: BrokerOptions): string[] {
  return [
    "# The worker alone, of an authority that signs no device. It chooses its client id: that is how it ends a session.",
    ...tlsListener(options, options.worker),
    `cafile ${options.workerCaFile}`,
    "require_certificate true",
    "use_identity_as_username true",
    `acl_file ${join(options.directory, "worker.acl")}`,
    "",
  ];
}

function plainListener(options: BrokerOptions): string[] {
  if (!options.plain) return [];
  return [
    "# Plain firmware: username and password over TLS, MQTT 3.1.1 and 5. Best effort.",
    ...tlsListener(options, options.plain),
    `password_file ${options.plain.passwordFile}`,
    "use_username_as_clientid true",
    `acl_file ${join(options.directory, "devices.acl")}`,
    "",
  ];
}

function customerListener(options: BrokerOptions): string[] {
  if (!options.customer) return [];
  return [
    "# Certificates of the customer's own CA, any common name, under topics of their own.",
    ...tlsListener(options, options.customer),
    `cafile ${options.customer.caFile}`,
    ...(options.customer.crlFile ? [`crlfile ${options.customer.crlFile}`] : []),
    "require_certificate true",
    "use_identity_as_username true",
    "use_username_as_clientid true",
    "maximum_qos 1",
    ...(options.mosquittoVersion === "2.1" ? ["accept_protocol_versions 5"] : []),
    `acl_file ${join(options.directory, "customer.acl")}`,
    "",
  ];
}

function tlsListener(options: BrokerOptions, { port, bind }: Listener): string[] {
  return [
    `listener ${port}${bind ? ` ${bind}` : ""}`,
    `certfile ${options.serverCertFile}`,
    `keyfile ${options.serverKeyFile}`,
    "tls_version tlsv1.2",
    "allow_anonymous false",
  ];
}
