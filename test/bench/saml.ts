import type { Validation, ValidationJob } from "../../src/identity/saml/validate.ts";
import { createValidator } from "../../src/identity/saml/validator.ts";
import { bareLibrary } from "../identity/saml/bare.ts";
import { createTestIdp, newId, toBase64 } from "../support/saml-idp.ts";

// How long validation of a SAML response takes in its thread, and of hostile ones: docs/saml.md.
const targetMs = 300;
const timeLimitMs = 5_000;
const rounds = 15;

const idp = await createTestIdp("https://idp.test");
const to = { requestId: newId(), acsUrl: "https://sp.test/acs", spEntityId: "https://sp.test" };
const job = (response: string): ValidationJob => ({
  ...to,
  response,
  now: Date.now(),
  idpEntityId: idp.entityId,
  profile: "response-and-assertion",
  certificates: [idp.certificate],
  decryptionKeys: [],
});

/** In the place where a response may hold anything. */
const filled = (filler: string): string =>
  toBase64(
    idp.respond({ ...to, edit: { response: (xml) => xml.replace("</samlp:Response>", `${filler}</samlp:Response>`) } }),
  );
const groups = (count: number): string =>
  toBase64(
    idp.respond({
      ...to,
      attributes: { groups: Array.from({ length: count }, (_, n) => `cn=group-${n},ou=groups,dc=example,dc=test`) },
    }),
  );

/** Wall time, and processor time of all our threads. */
type Timed<T> = { ms: number; cpuMs: number; result: T };

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const began = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - began, cpuMs: (user + system) / 1_000, result };
}

async function median<T>(work: () => Promise<T>): Promise<Timed<T> & { worst: number }> {
  const runs = [];
  for (let n = 0; n < rounds; n++) runs.push(await timed(work));
  runs.sort((a, b) => a.ms - b.ms);
  return { ...runs[Math.floor(rounds / 2)]!, worst: runs.at(-1)!.ms };
}

const validator = createValidator({ threads: 1, timeLimitMs });
await validator.validate(job(groups(1)));
let met = true;
const print = (name: string, ms: number, rest = "") =>
  process.stdout.write(`${name.padEnd(52)} ${ms.toFixed(0).padStart(6)} ms ${rest}\n`);
const told = (result: Validation): string => (result.ok ? "believed" : `refused: ${result.reason}`);

for (const count of [10, 1_000]) {
  const response = groups(count);
  const ours = await median(() => validator.validate(job(response)));
  const library = await median(() => bareLibrary(to, { idp })(response));
  const ok = ours.result.ok && ours.ms < targetMs;
  met &&= ok;
  const rest = `(worst ${ours.worst.toFixed(0)}, processor ${ours.cpuMs.toFixed(0)}) | the library alone ${library.ms.toFixed(0)} | target ${targetMs} ${ok ? "met" : "MISSED"}`;
  print(`an assertion with ${count} groups`, ours.ms, rest);
}

const hostile = {
  "the most tags that are let through, nested": filled(
    `${"<samlp:X>".repeat(40)}${"</samlp:X>".repeat(40)}`.repeat(48),
  ),
  "the most tags that are let through, side by side": filled("<a></a>".repeat(1_940)),
  "20,000 sibling elements": filled("<a></a>".repeat(20_000)),
  "256 kB of text": filled("x".repeat(185_000)),
};
for (const [name, response] of Object.entries(hostile)) {
  const { ms, result } = await timed(() => validator.validate(job(response)));
  const bounded = ms < timeLimitMs + 500;
  met &&= bounded;
  print(name, ms, `${told(result)} | bound ${timeLimitMs} ${bounded ? "met" : "MISSED"}`);
}
await validator.stop();
process.exitCode = met ? 0 : 1;
