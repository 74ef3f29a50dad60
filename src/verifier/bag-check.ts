import {
  bagDeclaration,
  isPayloadName,
  isSafeName,
  manifestName,
  names,
  parseManifestLine,
  parsePayloadOxum,
  requiredNames,
  signatureName,
  tagFiles,
  tagManifestName,
} from "../record/bag.ts";
import { decodeUtf8, toHex } from "../record/bytes.ts";
import { parseScope, type Scope } from "../record/scope.ts";
import { sha256Stream } from "../record/sha256.ts";
import { FormatError } from "../record/text.ts";
import { Cursor, readWhole } from "./lines.ts";
import { CheckFailure, type Report } from "./report.ts";
import type { Bag, Progress } from "./run.ts";
import type { BundleSource } from "./source.ts";

const topLevel: ReadonlySet<string> = new Set([...tagFiles, tagManifestName, signatureName]);
export const maxSmallFileBytes = 16 * 1024 * 1024;

/** False when a file is missing without which nothing else can be looked at. */
function checkNames(source: BundleSource, report: Report): boolean {
  const folded = new Set<string>();
  for (const name of source.names) {
    if (!isSafeName(name)) report.fail(1, JSON.stringify(name), "found a name outside [A-Za-z0-9._/-]");
    else if (!topLevel.has(name) && !isPayloadName(name)) report.fail(1, name, "found a file that no bundle has");
    if (folded.has(name.toLowerCase())) report.fail(1, name, "found this name twice (case folded)");
    folded.add(name.toLowerCase());
  }
  const present = new Set(source.names);
  const missing = [...topLevel, ...requiredNames].filter((name) => !present.has(name) && name !== signatureName);
  for (const name of missing) report.fail(1, name, "found it missing, expected it in every bundle");
  return missing.length === 0;
}

async function hashFiles(source: BundleSource, progress: (progress: Progress) => void): Promise<Map<string, string>> {
  const total = source.names.reduce((sum, name) => sum + source.sizeOf(name), 0);
  const hashes = new Map<string, string>();
  let done = 0;
  for (const name of source.names) {
    const hash = sha256Stream();
    for await (const chunk of source.open(name, true)) {
      hash.update(chunk);
      done += chunk.length;
      progress({ step: "reading every file", done, total });
    }
    hashes.set(name, toHex(hash.digest()));
  }
  return hashes;
}

type Manifest = { source: BundleSource; report: Report; hashes: Map<string, string>; name: string };

/** Compares a manifest with the files; `expected`: the names that it must list, sorted. */
async function checkManifest(manifest: Manifest, expected: readonly string[]): Promise<void> {
  const { source, report, hashes, name } = manifest;
  const lines = await Cursor.open(source.open(name), {
    check: 1,
    file: name,
    separator: "\n",
    encoding: "ascii",
    maxLength: 512,
    parse: parseManifestLine,
  });
  for (const file of expected) {
    const line = lines.current;
    if (line?.name !== file) {
      report.fail(1, line?.name ?? file, `found ${line?.name ?? "the end"} in ${name}, expected ${file}`);
      return;
    }
    if (line.sha256 !== hashes.get(file))
      report.fail(1, file, `found SHA-256 ${hashes.get(file)}, expected ${line.sha256}`);
    await lines.advance();
  }
  if (lines.current) report.fail(1, lines.current.name, `found it listed in ${name} but not in the bundle`);
}

async function checkTexts(source: BundleSource, report: Report, payload: string[]): Promise<void> {
  const declaration = decodeUtf8(await readWhole(source.open("bagit.txt"), 4096));
  if (declaration !== bagDeclaration) report.fail(1, "bagit.txt", "found another declaration than BagIt 1.0 in UTF-8");
  const oxum = parsePayloadOxum(decodeUtf8(await readWhole(source.open("bag-info.txt"), 65_536)));
  const bytes = payload.reduce((sum, name) => sum + source.sizeOf(name), 0);
  if (oxum.bytes !== bytes || oxum.files !== payload.length) {
    report.fail(
      1,
      "bag-info.txt",
      `found Payload-Oxum ${oxum.bytes}.${oxum.files}, expected ${bytes}.${payload.length}`,
    );
  }
}

async function readScope(source: BundleSource): Promise<Scope> {
  try {
    return parseScope(await readWhole(source.open(names.scope), maxSmallFileBytes));
  } catch (error) {
    if (error instanceof FormatError) throw new CheckFailure(1, names.scope, error.message);
    throw error;
  }
}

/** Check 1. Undefined when what is there cannot be looked at any further. */
export async function checkBag(
  source: BundleSource,
  report: Report,
  progress: (progress: Progress) => void,
): Promise<Bag | undefined> {
  if (!checkNames(source, report)) return undefined;
  const hashes = await hashFiles(source, progress);
  const payload = source.names.filter((name) => name.startsWith("data/")).sort();
  await checkManifest({ source, report, hashes, name: tagManifestName }, tagFiles);
  await checkManifest({ source, report, hashes, name: manifestName }, payload);
  try {
    await checkTexts(source, report, payload);
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof TypeError)) throw error;
    report.fail(1, "bag-info.txt", error.message);
  }
  const scope = await readScope(source);
  const tagManifest = await readWhole(source.open(tagManifestName), 65_536);
  report.detail(1, `${source.names.length} files, each with the SHA-256 of its manifest`);
  return { source, hashes, scope, tagManifest };
}
