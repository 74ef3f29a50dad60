import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { type Way, waysIn } from "./chapter-people.ts";
import { chapters } from "./chapters.ts";
import { bad, bold, chapter, dim, good, StoryError, say } from "./print.ts";
import { prepareStack, type Stack, stopStack } from "./stack.ts";
import { loadState, saveState } from "./state.ts";

async function main(args: string[]): Promise<number> {
  const at = args.indexOf("--dir");
  const dir = resolve(at >= 0 ? (args[at + 1] ?? "") : "var");
  const words = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const unknown = words.find((word) => !["--once", "stop", "--purge"].includes(word));
  if (unknown) {
    process.stderr.write(`quickstart: unknown word ${unknown}: expected --once, stop, --purge or --dir DIR\n`);
    return 64;
  }
  if (words.includes("stop") || words.includes("--purge")) return stopOrPurge(dir, words.includes("--purge"));
  return tellStory(dir, words.includes("--once"));
}

async function stopOrPurge(dir: string, purge: boolean): Promise<number> {
  const stopped = await stopStack(dir);
  say(stopped.length > 0 ? `stopped: ${stopped.join(", ")}` : "nothing was running");
  if (purge && existsSync(dir)) {
    if (!loadState(dir)) throw new StoryError(`${dir} holds no quickstart: it is left alone`);
    rmSync(dir, { recursive: true, force: true });
    say(`removed ${dir}`);
  }
  return 0;
}

async function tellStory(dir: string, once: boolean): Promise<number> {
  process.stdout.write(
    `${bold("Ledgerstone")}: keeps site data exactly as long as policy says, and proves it.\n${dim(`everything lives under ${dir}`)}\n`,
  );
  const stack = await prepareStack(dir);
  try {
    // Taken up again: everything runs as it did when the last chapter ended.
    if (stack.state.done.length > 0) await stack.startAll(Number(stack.state.facts.clockBehindDays ?? "0"));
    for (const [index, { id, title, tell }] of chapters.entries()) {
      if (stack.state.done.includes(id)) continue;
      chapter(index + 1, title);
      await tell(stack);
      stack.state.done.push(id);
      saveState(dir, stack.state);
    }
    await stack.startAll(0);
    if (once) await stopStack(dir);
    else printAddresses(stack, await waysIn(stack));
    process.stdout.write(`\n${good("The story is complete.")}\n`);
    return 0;
  } catch (error) {
    process.stdout.write(
      `\n${bad("The story stopped:")} ${error instanceof StoryError ? error.message : (error as Error).stack}\n`,
    );
    say(dim(`logs: ${dir}/log`));
    if (once) await stopStack(dir);
    return 1;
  } finally {
    await stack.close();
  }
}

function printAddresses({ consoleUrl, dir, state }: Stack, ways: readonly Way[]): void {
  process.stdout.write(`\n${bold("The appliance is running.")}\n`);
  const { key, evidence } = state.facts;
  for (const [name, place] of [
    ["Console", `${consoleUrl}/console/`],
    ["API", `${consoleUrl}/api/docs, with the key in ${key}`],
    ["Bundle", `${evidence}/bundle.zip, and beside it what an auditor checks it against`],
  ] as const) {
    say(`${name.padEnd(9)} ${place}`);
  }
  process.stdout.write("\n");
  say(`Sign in as ${bold("owner")}. Your browser warns of the appliance's own CA, which is in ${dir}/pki/ca.pem.`);
  for (const { customer, url, setsPassword } of ways) {
    say(`${customer}: ${setsPassword ? "set your password, once, at" : "you have a password already, at"}`);
    say(`    ${url}`);
  }
  process.stdout.write("\n");
  say(dim("./appliance/quickstart stop stops it; --purge removes everything"));
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${bad("quickstart:")} ${error instanceof StoryError ? error.message : error.stack}\n`);
  return 1;
});
