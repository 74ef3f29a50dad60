import { apiOnTheBox } from "../../src/bin/cli-api.ts";
import { createProgram } from "../../src/cli/program.ts";
import { describeError } from "../../src/platform/errors.ts";

export type Said = { out: string; exitCode: number };

/**
 * `ledgerstone <args>` in this process, which a process of its own for each of many commands would be too slow for; it
 * rejects with the words of an error.
 */
export async function commandLine(configFile: string, args: readonly string[]): Promise<Said> {
  const parts: string[] = [];
  const { write } = process.stdout;
  const exitCode = process.exitCode;
  process.exitCode = 0;
  process.stdout.write = (part: string | Uint8Array) => parts.push(String(part)) > 0;
  try {
    await createProgram(() => configFile, apiOnTheBox()).parseAsync(args, { from: "user" });
    return { out: parts.join(""), exitCode: Number(process.exitCode) };
  } catch (error) {
    throw new Error(describeError(error), { cause: error });
  } finally {
    process.stdout.write = write;
    process.exitCode = exitCode;
  }
}
