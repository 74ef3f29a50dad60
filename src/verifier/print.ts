import type { CheckResult } from "./report.ts";
import type { Verdict } from "./verify.ts";

const marks = { passed: "ok  ", failed: "FAIL", "not run": "-   " };

function checkLines(check: CheckResult): string[] {
  const lines = [`${marks[check.state]} ${String(check.number).padStart(2)} ${check.title}`];
  const indent = "        ";
  if (check.place) lines.push(`${indent}at ${check.place}`);
  if (check.detail) lines.push(`${indent}${check.detail}`);
  if (check.furtherFailures > 0) lines.push(`${indent}and ${check.furtherFailures} more places`);
  return [...lines, ...check.notes.map((note) => `${indent}${note}`)];
}

const conclusions = {
  passed: "PASSED: every check that applies, under the keys you gave.",
  failed: "FAILED: do not rely on this bundle.",
  "consistent, not authenticated":
    "CONSISTENT, NOT AUTHENTICATED: it fits together, but with no keys from outside (--trust) anyone could have made it.",
};

/** The verdict for a terminal. Only printable text: names inside the bundle were escaped where they were read. */
export function verdictText(verdict: Verdict): string {
  const { bundle, checkpoint, signer } = verdict;
  const lines = [`bundle      ${bundle.label}${bundle.encrypted ? " (age)" : ""}`];
  if (verdict.tenant) lines.push(`tenant      ${verdict.tenant}`);
  if (checkpoint)
    lines.push(`checkpoint  epoch ${checkpoint.epoch}, size ${checkpoint.size}, sealed ${checkpoint.sealed}`);
  if (checkpoint) lines.push(`root        ${checkpoint.root}`);
  if (signer) lines.push(`signed by   ${signer.subject}, ${signer.signedAt}`);
  if (bundle.tagManifestSha256) lines.push(`tagmanifest ${bundle.tagManifestSha256}`);
  lines.push("", ...verdict.checks.flatMap(checkLines), "");
  if (verdict.completeness) lines.push(`It shows: ${verdict.completeness}.`);
  lines.push(conclusions[verdict.result]);
  return `${lines.join("\n")}\n`;
}
