import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BrokerOptions, renderBrokerConfig } from "../../src/devices/index.ts";

/** Where things lie in the appliance's container of Mosquitto. */
const shipped: BrokerOptions = {
  user: "mosquitto",
  directory: "/var/lib/mosquitto",
  serverCertFile: "/etc/ledgerstone/pki/server.pem",
  serverKeyFile: "/etc/ledgerstone/pki/server-key.pem",
  deviceCaFile: "/etc/ledgerstone/pki/device-ca.pem",
  crlFile: "/var/lib/ledgerstone/broker/device-ca.crl",
  workerCaFile: "/etc/ledgerstone/pki/ca.pem",
  devices: { port: 8883 },
  worker: { port: 8885 },
  plain: { port: 8884, passwordFile: "/var/lib/ledgerstone/broker/passwords" },
};

describe("devices: the broker's configuration", () => {
  it("what ops/mosquitto ships is what the code renders", async () => {
    const { config, devicesAcl, workerAcl } = renderBrokerConfig(shipped);
    const files = { "mosquitto.conf": config, "devices.acl": devicesAcl, "worker.acl": workerAcl };
    for (const [name, text] of Object.entries(files)) {
      assert.equal(
        await readFile(join("ops/mosquitto", name), "utf8"),
        text,
        `ops/mosquitto/${name}: put the rendered text there`,
      );
    }
  });

  it("every listener has TLS, an access list and no anonymous clients", () => {
    const { config } = renderBrokerConfig({ ...shipped, customer: { port: 8886, caFile: "/x", crlFile: "/y" } });
    const listeners = config.split(/^listener /m).slice(1);
    assert.equal(listeners.length, 4);
    for (const listener of listeners) {
      for (const line of [
        /^certfile /m,
        /^keyfile /m,
        /^tls_version tlsv1\.2$/m,
        /^acl_file /m,
        /^allow_anonymous false$/m,
      ]) {
        assert.match(listener, line);
      }
      assert.match(listener, /^require_certificate true$|^password_file /m);
      assert.equal(/^use_username_as_clientid true$/m.test(listener), !listener.startsWith("8885"));
    }
  });

  it("Mosquitto 2.1 is told to take MQTT 5 alone, where 2.0 has no such option", () => {
    const count = (version: "2.0" | "2.1") =>
      renderBrokerConfig({ ...shipped, mosquittoVersion: version }).config.split("accept_protocol_versions 5").length -
      1;
    assert.deepEqual([count("2.0"), count("2.1")], [0, 1]);
  });
});
