import { Command } from "commander";
import { adminCommand } from "./admin.ts";
import { anomalyCommand } from "./anomaly.ts";
import { apiKeyCommand } from "./api-key.ts";
import { approvalCommand } from "./approval.ts";
import { certsCommand } from "./certs.ts";
import { configCommand } from "./config.ts";
import { deadLetterCommand } from "./dead-letter.ts";
import { deviceCommand } from "./device.ts";
import { erasureCommand } from "./erasure.ts";
import { erasureCaseCommand } from "./erasure-case.ts";
import { eventCommand } from "./event.ts";
import { evidenceCommand } from "./evidence.ts";
import { EXIT_MEANINGS } from "./exit-codes.ts";
import { exportCommand } from "./export.ts";
import { grantCommand } from "./grant.ts";
import { groupCommand } from "./group.ts";
import { holdCommand } from "./hold.ts";
import { initCommand } from "./init.ts";
import { keysCommand } from "./keys.ts";
import { ldapCommand } from "./ldap.ts";
import { ledgerCommand, proveCommand, sealCommand, trustCommand, verifyCommand } from "./ledger.ts";
import { mailCommand } from "./mail.ts";
import { mappingCommand } from "./mapping.ts";
import { migrateCommand } from "./migrate.ts";
import { operatorCommand } from "./operator.ts";
import { overviewCommand } from "./overview.ts";
import { retentionCommand } from "./retention.ts";
import { roleCommand } from "./role.ts";
import type { ApiOnTheBox } from "./route-commands.ts";
import { samlCommand } from "./saml.ts";
import { sessionCommand } from "./session.ts";
import { siteCommand } from "./site.ts";
import { taskCommand } from "./task.ts";
import { tenantCommand } from "./tenant.ts";
import { userCommand } from "./user.ts";

type Make = (configPath: () => string, api: ApiOnTheBox) => Command;

/** Every command, under the heading it has in the help. */
const SECTIONS: Readonly<Record<string, readonly Make[]>> = {
  "Setting up": [initCommand, configCommand, certsCommand, migrateCommand, tenantCommand, operatorCommand, mailCommand],
  "For the locked-out": [adminCommand],
  "What came in": [overviewCommand, eventCommand, deadLetterCommand, siteCommand, deviceCommand, taskCommand],
  "Keeping and erasing": [retentionCommand, holdCommand, erasureCommand, erasureCaseCommand],
  "Ledger and evidence": [
    ...[sealCommand, verifyCommand, proveCommand, trustCommand, ledgerCommand, exportCommand, evidenceCommand],
  ],
  "Who gets in": [
    ...[userCommand, groupCommand, roleCommand, grantCommand, sessionCommand, approvalCommand, anomalyCommand],
    ...[samlCommand, ldapCommand, mappingCommand, apiKeyCommand, keysCommand],
  ],
};

/** The whole command line. `defaultConfig` says where the configuration is unless --config does. */
export function createProgram(defaultConfig: () => string, api: ApiOnTheBox): Command {
  const program = new Command("ledgerstone")
    .description("keeps site data exactly as long as policy says, and proves it")
    .option("--config <file>", "configuration file; LEDGERSTONE_CONFIG otherwise");
  const configPath = (): string => program.opts<{ config?: string }>().config ?? defaultConfig();
  for (const [heading, makes] of Object.entries(SECTIONS)) {
    program.commandsGroup(`${heading}:`);
    for (const make of makes) program.addCommand(make(configPath, api));
  }
  program.commandsGroup("Help:").helpCommand("help [command]", "what a command does and takes");
  const codes = Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code.padEnd(4)}${meaning}`);
  program.addHelpText("after", `\nExit codes:\n${codes.join("\n")}`);
  for (const command of everyCommand(program)) prepare(command);
  return program;
}

/** A command and all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Mistakes are said in two lines, and thrown rather than ending the process. */
function prepare(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "ledgerstone: ")) });
  command.showHelpAfterError(`(see '${pathOf(command)} --help')`);
}

/** `ledgerstone hold place`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
