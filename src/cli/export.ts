import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { atPlaceByHand, configureEvidence, type ExportPhase, exportBundle, exportSchema } from "../evidence/index.ts";
import { AppError } from "../platform/errors.ts";
import { tenantPrincipal, withContext } from "./context.ts";
import { progressBars } from "./progress.ts";
import { addTenant } from "./route-commands.ts";

interface ExportOptions {
  tenant: string;
  out: string;
  from?: string;
  to?: string;
  event?: string[];
  site?: string[];
  withholdImages?: boolean;
  directory?: boolean;
  passphraseFile?: string;
  recipient?: string;
}

const PHASES: Record<ExportPhase, string> = {
  rows: "collecting",
  images: "images    ",
  verify: "verifying ",
  deliver: "writing   ",
};

export function exportCommand(configPath: () => string): Command {
  const command = new Command("export").description(
    "make an evidence bundle, verify it, and write it to a file or folder",
  );
  addTenant(command);
  return command
    .requiredOption("--out <path>", "the ZIP, or with --directory the folder")
    .option("--from <time>", "received from, RFC 3339 UTC")
    .option("--to <time>", "received before")
    .option("--event <uuid...>", "an incident: these events alone, instead of a range")
    .option("--site <uuid...>", "these sites; events of others are withheld and listed as such")
    .option("--withhold-images", "hold image files back")
    .option("--directory", "a folder instead of a ZIP")
    .option("--passphrase-file <file>", "encrypt with age under this passphrase, at least 16 characters")
    .option("--recipient <age1…>", "encrypt with age for this recipient")
    .action((options: ExportOptions) => run(configPath(), options));
}

async function run(configPath: string, options: ExportOptions): Promise<void> {
  const passphrase = options.passphraseFile ? (await readFile(options.passphraseFile, "utf8")).trimEnd() : undefined;
  if (options.directory && (passphrase || options.recipient)) {
    throw new AppError("invalid", "a folder is not encrypted", { remedy: "leave --directory away, or the encryption" });
  }
  const { from, to, event, site, recipient } = options;
  const wanted = exportSchema.parse({
    from,
    to,
    events: event,
    sites: site,
    withholdImages: options.withholdImages ?? false,
    passphrase,
    recipient,
  });
  await withContext(configPath, async (context) => {
    const deps = await configureEvidence(context.config, context);
    const principal = await tenantPrincipal(context.pool, options.tenant);
    const encryption = encryptionOf(passphrase, recipient);
    const path = resolve(options.out);
    const target = options.directory
      ? ({ kind: "directory", path } as const)
      : ({ kind: "file", path, ...(encryption && { encryption }) } as const);
    const scope = wanted.events
      ? ({ kind: "incident", events: wanted.events } as const)
      : ({ kind: "range", from: wanted.from!, to: wanted.to! } as const);
    const request = {
      scope,
      sites: wanted.sites ?? null,
      kinds: null,
      subjects: null,
      withholdUnits: wanted.withholdUnits,
      withholdImages: wanted.withholdImages,
      previous: wanted.previous,
    };
    const bars = progressBars("steps");
    const result = await atPlaceByHand(deps, { tenantId: principal.tenantId, path }, (directory) =>
      exportBundle(
        deps,
        { principal, request, target, directory },
        {
          onProgress: ({ phase, done, total }) => bars.update(PHASES[phase], done, total),
          onResumed: () => process.stderr.write("an export of this was cut short: going on with it\n"),
        },
      ),
    ).finally(bars.stop);
    for (const file of result.files) process.stdout.write(`${file.path}  ${file.bytes} bytes  sha256 ${file.sha256}\n`);
    process.stdout.write(`${result.events} events, ${result.images} images; verified before it was written\n`);
  });
}

function encryptionOf(passphrase: string | undefined, recipient: string | undefined) {
  if (passphrase) return { kind: "passphrase", passphrase } as const;
  return recipient ? ({ kind: "recipient", recipient } as const) : undefined;
}
