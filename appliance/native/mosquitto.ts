import { type NativeServer, portAnswers } from "./processes.ts";

/** Mosquitto on a configuration that `renderBrokerConfig` wrote. Debian keeps it in /usr/sbin, outside a user's PATH. */
export function mosquittoServer(configFile: string, port: number): NativeServer {
  return {
    name: "mosquitto",
    command: "/usr/sbin/mosquitto",
    args: ["-c", configFile],
    ready: () => portAnswers(port),
  };
}
