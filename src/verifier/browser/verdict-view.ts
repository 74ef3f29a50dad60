import type { CheckResult } from "../report.ts";
import type { Verdict } from "../verify.ts";
import { element } from "./dom.ts";

const headlines: Record<Verdict["result"], [string, string, string]> = {
  passed: ["Passed", "Every check that applies passed, under the keys you gave.", "passed"],
  failed: ["Failed", "Do not rely on this bundle. The first fault of each check is named below.", "failed"],
  "consistent, not authenticated": [
    "Consistent, not authenticated",
    "It fits together, but without keys from outside (trust.json) anyone could have made it.",
    "unsure",
  ],
};

const symbols: Record<CheckResult["state"], string> = { passed: "✓", failed: "✕", "not run": "–" };

function checkItem(check: CheckResult): HTMLElement {
  const { state, place, detail, furtherFailures, notes } = check;
  const lines = [
    place ? element("p", { class: "place" }, place) : null,
    detail ? element("p", { class: "detail" }, detail) : null,
    furtherFailures > 0 ? element("p", { class: "detail" }, `and ${furtherFailures} more places`) : null,
    ...notes.map((note) => element("p", { class: "note" }, note)),
  ];
  return element(
    "li",
    { class: `check ${state.replace(" ", "-")}`, "data-check": String(check.number), "data-state": state },
    element("span", { class: "mark", "aria-hidden": "true" }, symbols[state]),
    element(
      "div",
      { class: "what" },
      element("h3", {}, `${check.number}  ${check.title}`, element("span", { class: "state" }, state)),
      ...lines,
    ),
  );
}

function fact(term: string, value: string | null | undefined, mono = false): HTMLElement | null {
  if (!value) return null;
  return element(
    "div",
    { class: "fact" },
    element("dt", {}, term),
    element("dd", mono ? { class: "mono" } : {}, value),
  );
}

function facts(verdict: Verdict): HTMLElement {
  const { bundle, checkpoint, signer, counts, trust } = verdict;
  const { label, encrypted, container } = bundle;
  const shape = encrypted ? "ZIP, encrypted with age" : container === "zip" ? "ZIP" : "folder";
  const withheld = counts ? counts.withheldUnits + counts.withheldEvents + counts.withheldImages : undefined;
  return element(
    "dl",
    { class: "facts" },
    fact("Bundle", `${label} (${shape})`),
    fact("It shows", verdict.completeness),
    fact("Holds", counts ? `${counts.rows} rows, ${counts.events} events, ${counts.images} images` : null),
    fact("Withheld", withheld === undefined ? null : `${withheld}, existence not shown`),
    fact("Tenant", verdict.tenant, true),
    fact("Appliance", verdict.appliance, true),
    fact(
      "Checkpoint",
      checkpoint ? `epoch ${checkpoint.epoch}, size ${checkpoint.size}, sealed ${checkpoint.sealed}` : null,
    ),
    fact("Root", checkpoint?.root, true),
    fact("Ed25519 key", checkpoint?.key, true),
    fact("Signed by", signer ? `${signer.subject}, at ${signer.signedAt}` : null),
    fact("Certificate SHA-256", signer?.sha256, true),
    fact("tagmanifest SHA-256", bundle.tagManifestSha256, true),
    fact("Trust", trust ? "keys given from outside" : "none given: only what came inside the bundle"),
  );
}

function signatureBlock(): HTMLElement {
  const line = (label: string) => element("div", { class: "line" }, element("span", {}, label));
  return element(
    "section",
    { class: "signature", "aria-label": "Signature of the auditor" },
    line("Checked by"),
    line("Place and date"),
    line("Signature"),
  );
}

/** The verdict page; prints on A4. */
export function verdictView(verdict: Verdict, madeAt: Date): HTMLElement {
  const [title, sentence, tone] = headlines[verdict.result];
  return element(
    "section",
    { class: "verdict", id: "verdict", "data-result": verdict.result, "data-exit": String(verdict.exitCode) },
    element(
      "div",
      { class: `banner ${tone}`, role: "status" },
      element("h2", { tabindex: "-1" }, title),
      element("p", {}, sentence),
    ),
    facts(verdict),
    element("h2", { class: "section" }, "The eleven checks"),
    element("ol", { class: "checks" }, ...verdict.checks.map(checkItem)),
    element(
      "p",
      { class: "made" },
      `Checked ${madeAt.toISOString()} by ${location.pathname.split("/").at(-1) ?? "this page"}, offline.`,
    ),
    signatureBlock(),
  );
}
