import { createHash } from "node:crypto";
import type { NewEvent } from "./new-event.ts";
import { stampPhotograph } from "./photographs.ts";

export type Mix = { gate: number; badge: number; temperature: number }; // weights
export type SceneOptions = { seed: string; photographs: Buffer[]; mix?: Mix };

export const defaultMix: Mix = { gate: 3, badge: 5, temperature: 2 };

const letters = "ABCDEFGHJKLMNOPRSTUVWXYZ";

// What happens at one site, without end. The same seed gives the same events, images included, on every machine; ids
// and times are the outbox's.
export function* makeScenes({ seed, photographs, mix = defaultMix }: SceneOptions): Generator<NewEvent, never> {
  const random = seededRandom(seed);
  const whole = (most: number) => Math.floor(random() * most);
  const pick = <T>(list: readonly T[]): T => list[whole(list.length)]!;
  // Sites see the same people and vehicles again.
  const plates = Array.from({ length: 40 }, () => makePlate(whole));
  const badges = Array.from({ length: 60 }, () => `${1000 + whole(9000)}`);
  let celsius = 18 + random() * 6;
  const total = mix.gate + mix.badge + mix.temperature;

  for (let number = 1; ; number++) {
    const what = random() * total;
    if (what < mix.gate) {
      const plate = pick(plates);
      const body = {
        gate: pick(["north", "south", "yard"]),
        direction: pick(["in", "out"]),
        lane: 1 + whole(3),
        plate,
        confidence: Math.round(850 + random() * 149) / 1000,
      };
      const image = stampPhotograph(pick(photographs), `${seed} passage ${number}`);
      yield { kind: "gate.passage", body, subjects: [`plate:${plate}`], images: [{ data: image }] };
    } else if (what < mix.gate + mix.badge) {
      const badge = pick(badges);
      const body = { door: pick(["office", "lab", "store", "server room"]), badge, granted: random() < 0.96 };
      yield { kind: "badge.read", body, subjects: [`badge:${badge}`] };
    } else {
      celsius = Math.min(30, Math.max(10, celsius + random() - 0.5));
      yield {
        kind: "temperature.reading",
        body: { sensor: `T${1 + whole(6)}`, celsius: Math.round(celsius * 10) / 10 },
      };
    }
  }
}

function makePlate(whole: (most: number) => number): string {
  const letter = () => letters[whole(letters.length)]!;
  return `${letter()}${letter()}${whole(10)}${whole(10)}${letter()}${letter()}${letter()}`;
}

// xorshift128 (Marsaglia 2003), from the seed's SHA-256. For scenery alone, never for anything secret.
export function seededRandom(seed: string): () => number {
  const digest = createHash("sha256").update(seed).digest();
  let [x, y, z, w] = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    return w / 2 ** 32;
  };
}
