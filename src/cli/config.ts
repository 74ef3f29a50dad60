import { Command } from "commander";
import { loadConfig } from "../platform/config.ts";

export function configCommand(configPath: () => string): Command {
  const config = new Command("config").description("the configuration file");
  config
    .command("check")
    .description("read it as app and worker do; say what is wrong and how to mend it")
    .action(async () => {
      const { appliance } = await loadConfig(configPath());
      process.stdout.write(`${configPath()} is right, for appliance ${appliance.id}\n`);
    });
  return config;
}
