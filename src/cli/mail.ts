import { Command } from "commander";
import { loadConfig } from "../platform/config.ts";
import { AppError } from "../platform/errors.ts";
import { createMailer } from "../platform/mail.ts";

export function mailCommand(configPath: () => string): Command {
  const mail = new Command("mail").description("e-mails to people, over the SMTP server of the configuration");
  mail
    .command("test")
    .description("send one and say what the server answered")
    .requiredOption("--to <address>", "who gets it")
    .action(async ({ to }: { to: string }) => {
      const { smtp, appliance } = await loadConfig(configPath());
      if (!smtp) {
        throw new AppError("config", "no SMTP server is configured", {
          found: `no smtp in ${configPath()}`,
          expected: "smtp.host and smtp.from",
          remedy: "add them; until then people are told in the console alone",
        });
      }
      const text = `Mails of the appliance ${appliance.id} reach you.\n`;
      await (await createMailer(smtp)).send({ to, subject: "A test of your Ledgerstone appliance", text });
      process.stdout.write(`${smtp.host}:${smtp.port} took the mail to ${to}\n`);
    });
  return mail;
}
