import { decodeUtf8, encodeUtf8 } from "../../src/record/bytes.ts";
import { parseCheckpoint } from "../../src/record/checkpoint.ts";
import { type Ed25519Signer, ed25519Signer } from "../../src/record/ed25519.ts";
import { type Trust, trustJson } from "../../src/record/scope.ts";
import type { AgeSecrets } from "../../src/verifier/age.ts";
import { openBundleFile } from "../../src/verifier/browser/browser-source.ts";
import { CheckFailure } from "../../src/verifier/report.ts";
import type { VerifyOptions } from "../../src/verifier/run.ts";
import { unopened, type Verdict, verifyBundle } from "../../src/verifier/verify.ts";
import { type Files, finishBag } from "./bundle-bag.ts";
import type { TestChain } from "./bundle-chain.ts";
import { type CmsKey, type CmsTool, startCmsTool } from "./bundle-cms.ts";
import { type BundleSpec, makeBundle } from "./bundle-make.ts";
import { type Story, scopeSites, tellStory } from "./bundle-scenario.ts";
import { zipFiles } from "./bundle-zip.ts";

/** What a verifier is given. */
export type Given = {
  bytes: Uint8Array;
  trust?: Trust;
  /** text of an earlier checkpoint */
  previous?: string;
  acceptEpoch?: number;
  requireAll?: boolean;
  secrets?: AgeSecrets;
};

export type Edit = (files: Files) => void;

/** Keys and a good bundle, from which each broken one is made. */
export class Lab {
  readonly cms: CmsTool = startCmsTool();
  readonly key: CmsKey = this.cms.makeKey("signer", "P-256");
  readonly stranger: CmsKey = this.cms.makeKey("stranger", "P-256");
  readonly strangerSigner: Ed25519Signer = ed25519Signer(new Uint8Array(32).fill(7));

  trustOf(chain: TestChain): Trust {
    return { appliance: chain.appliance, ed25519: [chain.signer.publicKey], cmsSha256: [this.key.sha256] };
  }

  async files(chain: TestChain, spec: Partial<BundleSpec> = {}): Promise<Files> {
    const whole = { range: { from: 1, to: chain.rows.length }, sites: scopeSites, trust: this.trustOf(chain) };
    return makeBundle(chain, { ...whole, ...spec });
  }

  /** A signed bundle of the chain as it stands. */
  async bundle(chain: TestChain, spec: Partial<BundleSpec> = {}): Promise<Given> {
    const files = this.cms.sign(await this.files(chain, spec), this.key);
    return { bytes: zipFiles(files), trust: this.trustOf(chain) };
  }

  /** The story's bundle with its payload edited, and manifests and signature made anew: only the edit is wrong. */
  async edited(edit: Edit, story: Story = tellStory(), spec: Partial<BundleSpec> = {}): Promise<Given> {
    const files = await this.files(story.chain, spec);
    edit(files);
    const finished = this.cms.sign(finishBag(files, story.chain.tenant), this.key);
    return { bytes: zipFiles(finished), trust: this.trustOf(story.chain) };
  }

  /** The story's bundle edited after it was signed. */
  async spoiled(edit: Edit): Promise<Given> {
    const { chain } = tellStory();
    const files = this.cms.sign(await this.files(chain), this.key);
    edit(files);
    return { bytes: zipFiles(files), trust: this.trustOf(chain) };
  }

  stop(): void {
    this.cms.stop();
  }
}

export function text(files: Files, name: string): string {
  const bytes = files.get(name);
  if (!bytes) throw new Error(`found no ${name}`);
  return decodeUtf8(bytes);
}

export function put(files: Files, name: string, content: string): void {
  files.set(name, encodeUtf8(content));
}

/** Replaces once, and insists that there was something to replace. */
export function swap(files: Files, name: string, from: string | RegExp, to: string): void {
  const before = text(files, name);
  const after = before.replace(from, () => to);
  if (after === before) throw new Error(`found nothing to replace in ${name}`);
  put(files, name, after);
}

export function lines(files: Files, name: string): string[] {
  return text(files, name).split("\n").slice(0, -1);
}

export function putLines(files: Files, name: string, list: string[]): void {
  put(files, name, list.map((line) => `${line}\n`).join(""));
}

export function optionsOf(given: Given): VerifyOptions {
  const options: VerifyOptions = { requireAll: given.requireAll ?? false };
  if (given.trust) options.trust = given.trust;
  if (given.previous !== undefined) options.previous = parseCheckpoint(given.previous);
  if (given.acceptEpoch !== undefined) options.acceptEpoch = given.acceptEpoch;
  return options;
}

export function trustText(given: Given): string {
  return given.trust ? trustJson(given.trust) : "";
}

/** The verdict of the verifier's own modules in Node. */
export async function verifyGiven(given: Given): Promise<Verdict> {
  const options = optionsOf(given);
  try {
    const blob = new Blob([new Uint8Array(given.bytes)]);
    return await verifyBundle(await openBundleFile(blob, "bundle.zip", given.secrets ?? {}), options);
  } catch (error) {
    if (error instanceof CheckFailure) return unopened("bundle.zip", error, options);
    throw error;
  }
}

export function failedChecks(verdict: Verdict): number[] {
  return verdict.checks.filter(({ state }) => state === "failed").map(({ number }) => number);
}
