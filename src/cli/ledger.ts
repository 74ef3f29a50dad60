import { Command, InvalidArgumentError } from "commander";
import { proveRow, sealAll, sealChain, type VerifyReport, verifyAll, withTenant } from "../audit/index.ts";
import { loadCmsSigner, trustOf } from "../evidence/index.ts";
import { trustJson } from "../record/scope.ts";
import { requireTenant, tenantPrincipal, withContext } from "./context.ts";
import { progressBars } from "./progress.ts";
import { addTenant, routeCommands } from "./route-commands.ts";

type Path = () => string;

/** Seals now instead of at the next minute. Exit 1 when a chain is refused. */
export function sealCommand(configPath: Path): Command {
  return new Command("seal")
    .description("seal every chain that has grown, now")
    .option("--tenant <uuid|name>", "this one alone")
    .action(async ({ tenant }: { tenant?: string }) => {
      await withContext(configPath(), async (context) => {
        const deps = { ...context.seal, seconds: 60 };
        const outcomes = tenant ? await sealOne(deps, tenant) : await sealAll(deps);
        for (const [tenantId, outcome] of outcomes) {
          if (outcome.ok)
            process.stdout.write(`${tenantId}  ${outcome.sealed ? "sealed" : "unchanged"} at ${outcome.size} rows\n`);
          else {
            process.stdout.write(`${tenantId}  refused: found ${outcome.found}, expected ${outcome.expected}\n`);
            process.exitCode = 1;
          }
        }
      });
    });
}

async function sealOne(deps: Parameters<typeof sealChain>[0], tenant: string) {
  const tenantId = await requireTenant(deps.pool, tenant);
  return new Map([[tenantId, await sealChain(deps, tenantId)]]);
}

/** Goes through whole chains. Exit 1 when one does not verify; the first row at fault is named. */
export function verifyCommand(configPath: Path): Command {
  return new Command("verify")
    .description("verify every row, opening, tombstone and event of the chains in this database")
    .option("--tenant <uuid|name...>", "these alone")
    .option("--rows-only", "rows, links and checkpoints; not what they commit to")
    .option("--json", "answer as JSON")
    .action(async (options: { tenant?: string[]; rowsOnly?: boolean; json?: boolean }) => {
      await withContext(configPath(), async (context) => {
        const wanted = options.tenant ?? [];
        const tenants = await Promise.all(wanted.map((tenant) => requireTenant(context.pool, tenant)));
        const bars = progressBars("rows");
        const reports = await verifyAll(context.pool, {
          appliance: context.config.appliance.id,
          publicKeys: context.seal.signers.map(({ publicKey }) => publicKey),
          witnessDirectories: context.config.witness.directories,
          openings: !options.rowsOnly,
          events: !options.rowsOnly,
          ...(options.tenant && { tenants }),
          onProgress: bars.update,
        }).finally(bars.stop);
        if (options.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`);
        else process.stdout.write(reports.map(reportText).join(""));
        if (reports.some((report) => !report.ok)) process.exitCode = 1;
      });
    });
}

function reportText(report: VerifyReport): string {
  const seconds = Math.max(0.001, report.elapsedMs / 1000);
  const facts = `${report.rows} rows, ${report.checkpoints} checkpoints, ${report.events.events} events, ${report.openings.erased} openings erased, ${Math.round(report.rows / seconds)} rows/s`;
  if (report.ok) return `${report.tenantId}  verifies: ${facts}\n`;
  const lines = report.faults
    .slice(0, 10)
    .map((fault) => `    row ${fault.seq}: found ${fault.found}, expected ${fault.expected}\n`);
  return `${report.tenantId}  DOES NOT VERIFY, first at row ${report.firstBad}; ${report.faultCount} faults: ${facts}\n${lines.join("")}`;
}

export function proveCommand(configPath: Path): Command {
  const command = new Command("prove").description("the inclusion proof of a row under the newest checkpoint, as JSON");
  addTenant(command);
  return command
    .requiredOption("--row <seq>", "the row", wholeNumber)
    .action(async ({ tenant, row }: { tenant: string; row: number }) => {
      await withContext(configPath(), async ({ pool }) => {
        const principal = await tenantPrincipal(pool, tenant);
        const proof = await withTenant(pool, principal, (tx) => proveRow(tx, row));
        process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
      });
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("expected a row's number");
  return Number(text);
}

/** What an auditor must be given another way than the bundle: on paper, read out, over another channel. */
export function trustCommand(configPath: Path): Command {
  return new Command("trust")
    .description("print trust.json: the keys that an auditor checks bundles against")
    .option("--json", "nothing else")
    .action(async ({ json }: { json?: boolean }) => {
      await withContext(configPath(), async ({ config, seal }) => {
        const signer = await loadCmsSigner(config.keys.cmsKeyFile, config.keys.cmsCertFile);
        const [certificate] = signer.chain;
        process.stdout.write(trustJson(trustOf(config, seal, signer)));
        if (!json)
          process.stderr.write(
            `certificate: ${certificate!.subject.replaceAll("\n", ", ")}, until ${certificate!.validTo}\n`,
          );
      });
    });
}

export const ledgerCommand = routeCommands("ledger", "what stands in a tenant's ledger", {
  rows: "get /api/v1/ledger/rows",
  row: "get /api/v1/ledger/rows/:seq",
  actions: "get /api/v1/ledger/actions",
  checkpoints: "get /api/v1/ledger/checkpoints",
  checks: "get /api/v1/ledger/checks",
  check: "post /api/v1/ledger/checks",
});
