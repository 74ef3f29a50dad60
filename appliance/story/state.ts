import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface StoryTenant {
  name: string;
  tenantId: string;
  /** Display-once key of this tour, in a file that only its owner reads. */
  keyFile: string;
  sites: { name: string; siteId: string; device?: string }[];
}

/** What a second run needs to take up where the first was. Written after every chapter. */
export interface StoryState {
  ports: {
    postgres: number;
    redis: number;
    mqtt: number;
    worker: number;
    plain: number;
    https: number;
    device: number;
  };
  redisPassword: string;
  done: string[];
  tenants: StoryTenant[];
  facts: Record<string, string>;
}

const file = (dir: string): string => join(dir, "quickstart.json");

export function loadState(dir: string): StoryState | undefined {
  try {
    return JSON.parse(readFileSync(file(dir), "utf8")) as StoryState;
  } catch {
    return undefined;
  }
}

export function newState(ports: StoryState["ports"]): StoryState {
  return { ports, redisPassword: randomBytes(18).toString("base64url"), done: [], tenants: [], facts: {} };
}

export function saveState(dir: string, state: StoryState): void {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const temporary = `${file(dir)}.new`;
  writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file(dir));
}
