import { Command } from "commander";
import { z } from "zod";
import { adminCommand } from "../cli/admin.ts";
import { apiKeyCommand } from "../cli/api-key.ts";
import { approvalCommand } from "../cli/approval.ts";
import { configCommand } from "../cli/config.ts";
import { deviceCommand } from "../cli/device.ts";
import { erasureCommand } from "../cli/erasure.ts";
import { exportCommand } from "../cli/export.ts";
import { grantCommand } from "../cli/grant.ts";
import { groupCommand } from "../cli/group.ts";
import { holdCommand } from "../cli/hold.ts";
import { initCommand } from "../cli/init.ts";
import { keysCommand } from "../cli/keys.ts";
import { ldapCommand } from "../cli/ldap.ts";
import { proveCommand, sealCommand, trustCommand, verifyCommand } from "../cli/ledger.ts";
import { mailCommand } from "../cli/mail.ts";
import { mappingCommand } from "../cli/mapping.ts";
import { migrateCommand } from "../cli/migrate.ts";
import { operatorCommand } from "../cli/operator.ts";
import { retentionCommand } from "../cli/retention.ts";
import { roleCommand } from "../cli/role.ts";
import { sessionCommand } from "../cli/session.ts";
import { siteCommand } from "../cli/site.ts";
import { taskCommand } from "../cli/task.ts";
import { tenantCommand } from "../cli/tenant.ts";
import { userCommand } from "../cli/user.ts";
import { describeError } from "../platform/errors.ts";
import { configPath } from "./boot.ts";
import { apiOnTheBox } from "./cli-api.ts";

const program = new Command("ledgerstone")
  .description("keeps site data exactly as long as policy says, and proves it")
  .option("--config <file>", "configuration file; LEDGERSTONE_CONFIG otherwise")
  .showHelpAfterError();
const path = (): string => program.opts<{ config?: string }>().config ?? configPath();

program.addCommand(initCommand());
for (const command of [
  configCommand,
  migrateCommand,
  adminCommand,
  sealCommand,
  verifyCommand,
  proveCommand,
  trustCommand,
  exportCommand,
  retentionCommand,
  mailCommand,
  operatorCommand,
]) {
  program.addCommand(command(path));
}

const api = apiOnTheBox();
for (const command of [
  tenantCommand,
  apiKeyCommand,
  approvalCommand,
  deviceCommand,
  erasureCommand,
  grantCommand,
  groupCommand,
  holdCommand,
  keysCommand,
  ldapCommand,
  mappingCommand,
  roleCommand,
  sessionCommand,
  siteCommand,
  taskCommand,
  userCommand,
]) {
  program.addCommand(command(path, api));
}

program.parseAsync().catch((error: unknown) => {
  const text = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error);
  process.stderr.write(`ledgerstone: ${text}\n`);
  process.exitCode = (error as { code?: string }).code === "config" ? 78 : 1;
});
