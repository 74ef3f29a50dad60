import { Client, type Entry, type Filter, ResultCodeError } from "ldapts";
import { limitBytes, openTls, type ResolveHost } from "./connect.ts";
import { LdapFailure, type LdapStep, timedOut } from "./failure.ts";
import type { LdapSettings } from "./schema.ts";

export type BindRefusal = "wrong-password" | "account-disabled" | "account-locked" | "password-expired";

export type SearchOptions = {
  filter: Filter;
  scope?: "base" | "sub";
  attributes: string[];
  /** Attributes that are no text. */
  binary?: string[];
  /** Stops with one more than these. */
  most: number;
  /** A base that is not there, or elsewhere, has no entries. */
  maybeAbsent?: true;
};

/** One connection, over TLS alone, from its first bind to its end. Not reopened when it breaks. */
export type LdapConnection = {
  /** Null when the directory takes name and password. Throws LdapFailure when it cannot say. */
  bind(name: string, password: string): Promise<BindRefusal | null>;
  /** At most `most` + 1 entries. Referrals are not followed. Throws LdapFailure of `step`. */
  search(step: LdapStep, base: string, options: SearchOptions): Promise<Entry[]>;
  close(): void;
};

/** All that one sign-in does over its connection is over after so many times the wait for one answer. */
const lifetimes = 6;
const pageSize = 500;

export async function openConnection(settings: LdapSettings, resolveHost: ResolveHost): Promise<LdapConnection> {
  const socket = await openTls(settings, { resolveHost, lifetimeMs: settings.timeoutMs * lifetimes });
  let opened = false;
  const client = new Client({
    url: "ldap://directory",
    timeout: settings.timeoutMs,
    // The library opens a lost connection anew, without a word and without the bind. It gets this one, whose TLS is up, and no
    // second: a search as nobody would find other entries than one as the service account.
    createConnection: () => {
      if (opened)
        throw new LdapFailure("connect", "the directory closed the connection", "look at the directory's log");
      opened = true;
      limitBytes(socket);
      return socket;
    },
  });
  return {
    async bind(name, password) {
      // A directory answers a name without password with success, and nobody proved anything (RFC 4513 section 5.1.2).
      if (name === "" || password === "") return "wrong-password";
      try {
        await client.bind(name, password);
        return null;
      } catch (error) {
        const refusal = bindRefusal(error);
        if (refusal) return refusal;
        throw operationFailure("bind", error);
      }
    },
    async search(step, base, options) {
      try {
        return await searchAll(client, base, options, settings.timeoutMs);
      } catch (error) {
        if (options.maybeAbsent && error instanceof ResultCodeError && absent.has(error.code)) return [];
        throw operationFailure(step, error);
      }
    },
    close: () => {
      client
        .unbind()
        .catch(() => {})
        .finally(() => socket.destroy());
    },
  };
}

async function searchAll(client: Client, base: string, options: SearchOptions, timeoutMs: number): Promise<Entry[]> {
  const { filter, scope = "sub", attributes, binary = [], most } = options;
  const asked = {
    filter,
    scope,
    attributes,
    explicitBufferAttributes: binary,
    timeLimit: Math.ceil(timeoutMs / 1000),
  };
  if (most < pageSize) return (await client.search(base, { ...asked, sizeLimit: most + 1 })).searchEntries;
  const found: Entry[] = [];
  for await (const page of client.searchPaginated(base, { ...asked, paged: { pageSize } })) {
    found.push(...page.searchEntries);
    if (found.length > most) break;
  }
  return found.slice(0, most + 1);
}

/** referral, noSuchObject. */
const absent = new Set([10, 32]);

// Active Directory says why in the text of result 49.
const reasons: Record<string, BindRefusal> = {
  "532": "password-expired",
  "773": "password-expired",
  "533": "account-disabled",
  "701": "account-disabled",
  "775": "account-locked",
};
const invalidCredentials = 49;
/** constraintViolation, noSuchObject, inappropriateAuthentication, unwillingToPerform: what directories say to a bind they refuse. */
const refusals: Record<number, BindRefusal> = {
  19: "account-locked",
  32: "wrong-password",
  48: "wrong-password",
  53: "account-locked",
};

function bindRefusal(error: unknown): BindRefusal | null {
  if (!(error instanceof ResultCodeError)) return null;
  if (error.code !== invalidCredentials) return refusals[error.code] ?? null;
  const [, data = ""] = /\bdata ([0-9a-f]{3,4})\b/.exec(error.message) ?? [];
  return reasons[data] ?? "wrong-password";
}

function operationFailure(step: LdapStep, error: unknown): LdapFailure {
  if (error instanceof LdapFailure) return error;
  if (!(error instanceof ResultCodeError)) {
    if ((error as Error).message.includes("timed out")) return timedOut(step);
    return new LdapFailure(step, "the connection broke", "look at the directory's log; or allow more time", error);
  }
  const [message, remedy] = words[error.code] ?? ["the directory refused", "look at the directory's log"];
  return new LdapFailure(step, `${message} (result ${error.code})`, remedy, error);
}

const words: Record<number, readonly [string, string]> = {
  1: ["the directory wants a bind first", "check the service account"],
  3: ["the search took too long for the directory", "name a narrower base, or index the attribute"],
  4: [
    "the directory gives the service account no more entries",
    "raise its limit there (OpenLDAP: limits … size.prtotal=unlimited)",
  ],
  8: ["the directory wants a stronger way to authenticate", "allow simple binds over TLS for the service account"],
  10: ["the directory referred to another one, which is not followed", "name the directory that holds these entries"],
  11: ["the search is larger than the directory allows", "name a narrower base or filter"],
  32: [
    "the base of the search does not exist, or the service account may not see it",
    "check the base's spelling and the service account's rights",
  ],
  34: ["the directory does not take this distinguished name", "check its spelling"],
  50: ["the service account may not do this", "let it read people and groups"],
  51: ["the directory is busy", "try again"],
  52: ["the directory is not available", "try again"],
};
