import type { AgeSecrets } from "../age.ts";
import { readIdentitiesInput, readPreviousInput, readTrustInput } from "../inputs.ts";
import { CannotRun, CheckFailure } from "../report.ts";
import type { VerifyOptions } from "../run.ts";
import { unopened, type Verdict, verifyBundle } from "../verify.ts";
import { openBundleFile, openFolder } from "./browser-source.ts";
import type { Reply, Request } from "./messages.ts";

// Runs in a Web Worker that the page makes from a blob: a large bundle must not freeze the page.

function reply(message: Reply): void {
  self.postMessage(message);
}

function readOptions(request: Request): VerifyOptions {
  const options: VerifyOptions = { requireAll: request.requireAll };
  if (request.trust.trim() !== "") options.trust = readTrustInput(request.trust);
  if (request.previous.trim() !== "") options.previous = readPreviousInput(request.previous);
  const epoch = request.acceptEpoch.trim();
  if (epoch !== "" && !/^[1-9][0-9]{0,8}$/.test(epoch)) throw new CannotRun("the epoch to accept is a number from 1");
  if (epoch !== "") options.acceptEpoch = Number(epoch);
  return options;
}

function readSecrets(request: Request): AgeSecrets {
  const secrets: AgeSecrets = {};
  if (request.passphrase !== "") secrets.passphrase = request.passphrase;
  const identities = readIdentitiesInput(request.identities);
  if (identities.length > 0) secrets.identities = identities;
  return secrets;
}

async function judge(request: Request): Promise<Verdict> {
  const options = readOptions(request);
  let sentAt = 0;
  try {
    const { bundle, label } = request;
    const source =
      "file" in bundle
        ? await openBundleFile(bundle.file, label, readSecrets(request))
        : openFolder(bundle.folder, label);
    return await verifyBundle(source, options, (progress) => {
      const now = Date.now();
      if (now - sentAt < 50) return;
      sentAt = now;
      reply({ kind: "progress", progress });
    });
  } catch (error) {
    if (error instanceof CheckFailure) return unopened(request.label, error, options);
    throw error;
  }
}

self.addEventListener("message", async ({ data }: MessageEvent<Request>) => {
  try {
    reply({ kind: "verdict", verdict: await judge(data) });
  } catch (error) {
    reply({ kind: "could not run", message: error instanceof Error ? error.message : String(error) });
  }
});
