import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { exportBundle } from "../../src/evidence/export.ts";
import {
  everythingRequest,
  evidenceFixture,
  type Fixture,
  type ForkSettings,
  forkedExporter,
} from "../evidence/fixture.ts";
import { stopPostgres } from "../support/postgres.ts";
import { seedBatch, seedTenant } from "../support/seed.ts";
import { runForked } from "./lib.ts";

// Export of images end to end (read, decrypt, hash, ZIP, encrypt, write, verify) against bare AES-256-GCM + SHA-256 of as many
// bytes in the same run. Target: at least 150 MB/s of images, under 300 MB of memory.
// node test/bench/export.ts [--megabytes 2000] [--image-kilobytes 1000]

type Outcome = { seconds: Record<string, number>; cpuSeconds: number; maxRssMegabytes: number };

if (process.env.BENCH_EXPORT) await child(JSON.parse(process.env.BENCH_EXPORT) as ForkSettings);
else await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { megabytes: { type: "string", default: "2000" }, "image-kilobytes": { type: "string", default: "1000" } },
  });
  const imageBytes = Number(values["image-kilobytes"]) * 1000;
  const count = Math.ceil((Number(values.megabytes) * 1e6) / imageBytes);
  const fixture = await evidenceFixture();
  try {
    const tenant = await seedTenant(fixture.seed);
    await seedImages(fixture, tenant, count, imageBytes);
    const bytes = count * imageBytes;
    const raw = rawSpeed(Math.min(bytes, 1e9));
    console.log(`images             ${count} of ${imageBytes / 1000} kB, ${(bytes / 1e6).toFixed(0)} MB`);
    console.log(`raw GCM + SHA-256  ${raw.toFixed(0)} MB/s (decrypt and hash, one core, in memory)`);
    const settings = { ...fixture.settings, principal: tenant.principal, out: fixture.path("out") };
    const outcome = await runForked<Outcome>(import.meta.filename, "BENCH_EXPORT", settings satisfies ForkSettings);
    const total = Object.values(outcome.seconds).reduce((sum, s) => sum + s, 0);
    const speed = bytes / 1e6 / total;
    for (const [phase, s] of Object.entries(outcome.seconds)) console.log(`  ${phase.padEnd(16)} ${s.toFixed(2)} s`);
    console.log(
      `export             ${speed.toFixed(0)} MB/s, ${(speed / raw).toFixed(2)} of raw, in ${total.toFixed(1)} s (target 150 MB/s)`,
    );
    console.log(
      `processor          ${outcome.cpuSeconds.toFixed(1)} s: ${(bytes / 1e6 / outcome.cpuSeconds).toFixed(0)} MB a processor second`,
    );
    console.log(`memory             ${outcome.maxRssMegabytes.toFixed(0)} MB at most (limit 300 MB)`);
    process.exitCode = speed >= 150 && outcome.maxRssMegabytes < 300 ? 0 : 1;
  } finally {
    await fixture.stop();
    await stopPostgres();
  }
}

async function seedImages(
  fixture: Fixture,
  tenant: Awaited<ReturnType<typeof seedTenant>>,
  count: number,
  imageBytes: number,
): Promise<void> {
  const [site] = tenant.sites;
  for (let made = 0; made < count; made += 50) {
    const events = Array.from({ length: Math.min(50, count - made) }, () => {
      const bytes = randomBytes(imageBytes);
      bytes.set([0xff, 0xd8, 0xff]);
      return { ...site!, images: [{ bytes, type: "image/jpeg" as const }] };
    });
    await seedBatch(fixture.seed, tenant.principal, events);
  }
}

/** MB/s of decrypting and hashing in frames of 64 KiB. */
function rawSpeed(bytes: number): number {
  const frame = randomBytes(65_536);
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(frame), cipher.final()]);
  const tag = cipher.getAuthTag();
  const hash = createHash("sha256");
  const frames = Math.ceil(bytes / frame.length);
  const start = performance.now();
  for (let i = 0; i < frames; i++) {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAuthTag(tag);
    hash.update(decipher.update(sealed));
    decipher.final();
  }
  hash.digest();
  return (frames * frame.length) / 1000 / (performance.now() - start);
}

async function child(settings: ForkSettings): Promise<void> {
  const { deps, principal, pool } = await forkedExporter(settings);
  const seconds: Record<string, number> = {};
  let last = performance.now();
  let phase = "plan, seal";
  const lap = (next: string) => {
    if (next === phase) return;
    const now = performance.now();
    seconds[phase] = (now - last) / 1000;
    last = now;
    phase = next;
  };
  const target = { kind: "sealed", directory: `${settings.out}/export`, key: randomBytes(32), name: "bench" } as const;
  const result = await exportBundle(
    deps,
    { principal, request: everythingRequest, target, directory: `${settings.out}/work` },
    { onProgress: ({ phase: next }) => lap(next) },
  );
  lap("end");
  const { size } = await stat(result.files[0]!.path);
  if (size < result.files[0]!.bytes) throw new Error("the finished file is too short");
  await rm(settings.out, { recursive: true, force: true });
  await pool.end();
  const { user, system } = process.cpuUsage();
  process.send!({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    maxRssMegabytes: process.resourceUsage().maxRSS / 1000,
  } satisfies Outcome);
  process.disconnect();
}
