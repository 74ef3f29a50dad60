import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { bad, bytes, dim, expect, liveLine, StoryError, say, seen } from "./print.ts";
import type { Stack } from "./stack.ts";

const exec = promisify(execFile);

interface Export {
  exportId: string;
  state: string;
  bytes: number | null;
  error: string | null;
  done: number;
  total: number | null;
}

/** Export, download, and then only files: the verifier and what an auditor has on paper. */
export async function chapterEvidence(stack: Stack): Promise<void> {
  const tenant = stack.state.tenants[0]!;
  const api = stack.api(tenant);
  const from = new Date(Date.now() - 60 * 86_400_000).toISOString();
  const { exportId } = await api.send<{ exportId: string }>("POST", "/api/v1/exports", {
    from,
    to: new Date().toISOString(),
  });
  const line = liveLine();
  let state: Export;
  for (;;) {
    state = await api.get<Export>(`/api/v1/exports/${exportId}`);
    if (state.state === "done") break;
    if (state.state === "failed") throw new StoryError(`the export failed: ${state.error}`);
    line.update(`export under way ${state.total ? `${Math.floor((100 * state.done) / state.total)} %` : ""}`);
    await sleep(500);
  }
  line.end();
  const folder = join(stack.dir, "evidence");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundle = join(folder, "bundle.zip");
  await pipeline(
    Readable.fromWeb((await api.download(`/api/v1/exports/${exportId}/download`)) as never),
    createWriteStream(bundle),
  );
  seen(`bundle for ${tenant.name}: ${bytes(state.bytes ?? 0)} in ${bundle}`);
  writeFileSync(join(folder, "trust.json"), await trust(stack));
  await runVerifier(stack, bundle);
  await runOpenssl(folder, bundle, join(stack.dir, "secrets/evidence.pem"));
}

/** What reaches the auditor another way than the bundle. */
async function trust(stack: Stack): Promise<string> {
  return JSON.stringify(await stack.cli<object>(["trust", "--json"]));
}

async function runVerifier(stack: Stack, bundle: string): Promise<void> {
  const verifier = join(stack.root, "dist/verifier/ledgerstone-verify.mjs");
  if (!existsSync(verifier)) await exec(process.execPath, [join(stack.root, "appliance/build-verifier.ts")]);
  const { code, text } = await verdict(stack, verifier, bundle);
  // What was checked, and the verdict; what was found in each is for who runs it.
  for (const row of text.split("\n").filter((each) => /^\s*(ok|-|FAIL) +\d+ |^(It shows|PASSED)/.test(each)))
    say(dim(row));
  expect(code === 0, `verifier exit ${code}`, "0");
  seen("the verifier, one file without dependencies, accepts it");
}

async function verdict(stack: Stack, verifier: string, bundle: string): Promise<{ code: number; text: string }> {
  try {
    const { stdout } = await exec(process.execPath, [
      verifier,
      "--trust",
      join(stack.dir, "evidence/trust.json"),
      bundle,
    ]);
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: `${stdout}${stderr}` };
  }
}

/** The commands of the bundle's own README.txt, in essence: no program of ours. */
async function runOpenssl(folder: string, bundle: string, certificate: string): Promise<void> {
  const unpacked = join(folder, "unpacked");
  await exec("unzip", ["-q", bundle, "-d", unpacked]);
  await exec("sha256sum", ["--quiet", "-c", "manifest-sha256.txt"], { cwd: unpacked, maxBuffer: 16 * 1024 * 1024 });
  await exec(
    "openssl",
    [
      "cms",
      "-verify",
      "-binary",
      "-inform",
      "DER",
      "-in",
      "tagmanifest-sha256.txt.p7s",
      "-content",
      "tagmanifest-sha256.txt",
      "-CAfile",
      certificate,
      "-purpose",
      "any",
      "-out",
      "/dev/null",
    ],
    { cwd: unpacked },
  );
  seen("sha256sum and openssl alone accept it too");
}

/** A careful forger: changes one letter, then makes every manifest of the bag agree with it. */
export async function chapterTamper(stack: Stack): Promise<void> {
  const folder = join(stack.dir, "evidence");
  const copy = join(folder, "tampered");
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(folder, "unpacked"), copy, { recursive: true });
  const file = "data/events/openings.jsonl";
  const text = readFileSync(join(copy, file), "utf8");
  const plate = /plate\\":\\"([A-Z])/.exec(text);
  expect(plate, "no number plate in the bundle", "one to change");
  const at = plate.index + plate[0].length - 1;
  const forged = `${text.slice(0, at)}${plate[1] === "X" ? "Y" : "X"}${text.slice(at + 1)}`;
  rewrite(copy, file, forged, "manifest-sha256.txt");
  rewrite(
    copy,
    "manifest-sha256.txt",
    readFileSync(join(copy, "manifest-sha256.txt"), "utf8"),
    "tagmanifest-sha256.txt",
  );
  await exec("sha256sum", ["--quiet", "-c", "manifest-sha256.txt"], { cwd: copy, maxBuffer: 16 * 1024 * 1024 });
  say("one letter of one number plate is another, and every checksum of the bag agrees");
  const { code, text: verdictText } = await verdict(
    stack,
    join(stack.root, "dist/verifier/ledgerstone-verify.mjs"),
    copy,
  );
  expect(code === 1, `verifier exit ${code}`, "1");
  const lines = verdictText.split("\n");
  for (const [index, row] of lines.entries())
    if (/^\s*FAIL /.test(row)) say(`${bad(row.trim())}, ${lines[index + 1]!.trim()}`);
  say(bad(lines.find((row) => row.startsWith("FAILED")) ?? ""));
  seen(`the verifier refuses it: exit ${code}`);
  rmSync(copy, { recursive: true, force: true });
  stack.state.facts.key = stack.state.tenants[0]!.keyFile;
  stack.state.facts.evidence = folder;
}

/** Writes a file and its new checksum into the manifest that lists it. */
function rewrite(folder: string, name: string, content: string, manifest: string): void {
  writeFileSync(join(folder, name), content);
  const sum = createHash("sha256").update(content).digest("hex");
  const lines = readFileSync(join(folder, manifest), "utf8").split("\n");
  writeFileSync(
    join(folder, manifest),
    lines.map((line) => (line.endsWith(`  ${name}`) ? `${sum}  ${name}` : line)).join("\n"),
  );
}
