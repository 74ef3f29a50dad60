import { Command } from "commander";
import { z } from "zod";
import { adminCommand } from "../cli/admin.ts";
import { apiKeyCommand } from "../cli/api-key.ts";
import { configCommand } from "../cli/config.ts";
import { exportCommand } from "../cli/export.ts";
import { initCommand } from "../cli/init.ts";
import { proveCommand, sealCommand, trustCommand, verifyCommand } from "../cli/ledger.ts";
import { mailCommand } from "../cli/mail.ts";
import { migrateCommand } from "../cli/migrate.ts";
import { retentionCommand } from "../cli/retention.ts";
import { tenantCommand } from "../cli/tenant.ts";
import { describeError } from "../platform/errors.ts";
import { configPath } from "./boot.ts";

const program = new Command("ledgerstone")
  .description("keeps site data exactly as long as policy says, and proves it")
  .option("--config <file>", "configuration file; LEDGERSTONE_CONFIG otherwise")
  .showHelpAfterError();
const path = (): string => program.opts<{ config?: string }>().config ?? configPath();

program.addCommand(initCommand());
for (const command of [
  configCommand,
  migrateCommand,
  tenantCommand,
  adminCommand,
  apiKeyCommand,
  sealCommand,
  verifyCommand,
  proveCommand,
  trustCommand,
  exportCommand,
  retentionCommand,
  mailCommand,
]) {
  program.addCommand(command(path));
}

program.parseAsync().catch((error: unknown) => {
  const text = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error);
  process.stderr.write(`ledgerstone: ${text}\n`);
  process.exitCode = (error as { code?: string }).code === "config" ? 78 : 1;
});
