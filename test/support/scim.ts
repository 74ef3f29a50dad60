import { Agent, request } from "undici";
import type { Answer, Appliance } from "./appliance.ts";

export type ScimClient = {
  /** One request as a directory sends it. `headers` adds to, or takes from, what every directory sends. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string | undefined>,
  ): Promise<Answer & { type: string }>;
  close(): Promise<void>;
};

/** A directory that holds a token. */
export function scimClient({ apiUrl, ca }: Pick<Appliance, "apiUrl" | "ca">, token: string): ScimClient {
  const dispatcher = new Agent({ connect: { ca }, keepAliveTimeout: 1_000 });
  return {
    async send(method, path, body, headers = {}) {
      const raw = typeof body === "string" || Buffer.isBuffer(body);
      const all = {
        authorization: `Bearer ${token}`,
        accept: "application/scim+json",
        ...(body === undefined ? {} : { "content-type": "application/scim+json; charset=utf-8" }),
        ...headers,
      };
      const response = await request(`${apiUrl}/scim/v2${path}`, {
        dispatcher,
        method: method as "GET",
        headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
        body: body === undefined ? null : raw ? (body as string | Buffer) : JSON.stringify(body),
      });
      const text = await response.body.text();
      const told = response.headers as Record<string, string>;
      return {
        status: response.statusCode,
        headers: told,
        type: (told["content-type"] ?? "").split(";")[0]!,
        body: text,
        json: () => JSON.parse(text),
      };
    },
    close: () => dispatcher.close(),
  };
}

/** Makes a SCIM token as an owner does, over the API. */
export async function scimToken(
  appliance: Pick<Appliance, "call">,
  apiKey: string,
  more: Record<string, unknown> = {},
): Promise<{ token: string; keyId: string }> {
  const body = { name: "directory", permissions: ["scim:provision"], ...more };
  const made = await appliance.call(apiKey, "POST", "/api/v1/api-keys", body);
  if (made.status !== 201) throw new Error(`no SCIM token: ${made.status} ${made.body}`);
  const { key, apiKey: kept } = made.json<{ key: string; apiKey: { keyId: string } }>();
  return { token: key, keyId: kept.keyId };
}
