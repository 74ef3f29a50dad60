import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import type { AgeSecrets } from "./age.ts";
import { readIdentitiesInput, readPreviousInput, readTrustInput } from "./inputs.ts";
import { isEncryptedPath, openBundlePath } from "./node-source.ts";
import { verdictText } from "./print.ts";
import { CannotRun, CheckFailure } from "./report.ts";
import type { Progress, VerifyOptions } from "./run.ts";
import { unopened, type Verdict, verifyBundle } from "./verify.ts";

const usage = `usage: node ledgerstone-verify.mjs <bundle.zip | bundle.zip.age | directory> [options]

  --trust <trust.json>         keys that reached you another way than the bundle
  --previous <checkpoint.txt>  a checkpoint that you kept from earlier
  --accept-epoch <number>      accept the rows lost when this epoch began
  --require-all                fail when anything is withheld
  --passphrase-file <file>     of an age-encrypted bundle; asked for on a terminal otherwise
  --identity <file>            age identities of an encrypted bundle
  --json                       print the verdict as JSON

exit codes: 0 passed, 1 a check failed, 2 could not run, 3 consistent but not authenticated (no --trust)
`;

const options = {
  trust: { type: "string" },
  previous: { type: "string" },
  "accept-epoch": { type: "string" },
  "require-all": { type: "boolean" },
  "passphrase-file": { type: "string" },
  identity: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CannotRun(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new CannotRun(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

type Values = ReturnType<typeof readArguments>["values"];

async function readOptions(values: Values): Promise<VerifyOptions> {
  const read: VerifyOptions = { requireAll: values["require-all"] ?? false };
  if (values.trust !== undefined) read.trust = readTrustInput(await readText(values.trust));
  if (values.previous !== undefined) read.previous = readPreviousInput(await readText(values.previous));
  const epoch = values["accept-epoch"];
  if (epoch !== undefined && !/^[1-9][0-9]{0,8}$/.test(epoch))
    throw new CannotRun("--accept-epoch takes a number from 1");
  if (epoch !== undefined) read.acceptEpoch = Number(epoch);
  return read;
}

async function askPassphrase(): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question("passphrase of the bundle: ");
  } finally {
    terminal.close();
  }
}

async function readSecrets(values: Values, path: string): Promise<AgeSecrets> {
  const secrets: AgeSecrets = {};
  const file = values["passphrase-file"];
  if (file !== undefined) secrets.passphrase = (await readText(file)).replace(/\r?\n$/, "");
  if (values.identity !== undefined) secrets.identities = readIdentitiesInput(await readText(values.identity));
  if (!secrets.identities && secrets.passphrase === undefined && process.stdin.isTTY && (await isEncryptedPath(path))) {
    secrets.passphrase = await askPassphrase();
  }
  return secrets;
}

function progressBar(): (progress: Progress) => void {
  if (!process.stderr.isTTY) return () => undefined;
  let shownAt = 0;
  return ({ step, done, total }) => {
    const now = Date.now();
    if (now - shownAt < 100 && done < total) return;
    shownAt = now;
    const part = total > 0 ? Math.min(1, done / total) : 1;
    const bar = "█".repeat(Math.round(part * 30)).padEnd(30, "░");
    process.stderr.write(`\r\u001b[K${bar} ${String(Math.floor(part * 100)).padStart(3)} % ${step}`);
  };
}

async function verifyPath(path: string, read: VerifyOptions, secrets: AgeSecrets): Promise<Verdict> {
  try {
    const bundle = await openBundlePath(path, secrets);
    try {
      return await verifyBundle(bundle.source, read, progressBar());
    } finally {
      await bundle.close();
      if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
    }
  } catch (error) {
    if (error instanceof CheckFailure) return unopened(path, error, read);
    throw error;
  }
}

/** Runs the command; resolves to its exit code. */
export async function main(argv: string[], self: string): Promise<0 | 1 | 2 | 3> {
  try {
    const { values, positionals } = readArguments(argv);
    const [path, ...rest] = positionals;
    if (values.help || !path || rest.length > 0) {
      process.stderr.write(usage);
      return 2;
    }
    const verdict = await verifyPath(path, await readOptions(values), await readSecrets(values, path));
    if (values.json) process.stdout.write(`${JSON.stringify(verdict, null, 1)}\n`);
    else {
      const own = createHash("sha256")
        .update(await readFile(self))
        .digest("hex");
      process.stdout.write(`verifier    SHA-256 ${own}\n${verdictText(verdict)}`);
    }
    return verdict.exitCode;
  } catch (error) {
    const known = error instanceof CannotRun;
    process.stderr.write(`could not run: ${known ? error.message : error instanceof Error ? error.stack : error}\n`);
    return 2;
  }
}
