import { Agent, request } from "undici";
import type { Answer } from "./appliance.ts";

/** A browser's jar and manners without a browser: cookies kept, what a page of ours would send along. */
export type Visitor = {
  readonly cookies: Map<string, string>;
  /** Sent with every change once it is known: GET /api/v1/session tells it. */
  csrf: string | undefined;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A form of a page. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
};

export function visitor({ apiUrl, ca }: { apiUrl: string; ca: string }): Visitor {
  const dispatcher = new Agent({ connect: { ca } });
  const cookies = new Map<string, string>();
  const call = async (method: string, path: string, body: string | null, headers: Record<string, string>) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await request(`${apiUrl}${path}`, {
      dispatcher,
      method: method as "GET",
      headers: { ...(cookie && { cookie }), ...headers },
      body,
    });
    for (const line of [answer.headers["set-cookie"] ?? []].flat()) keep(cookies, line);
    const text = await answer.body.text();
    const json = <T>() => JSON.parse(text) as T;
    return { status: answer.statusCode, headers: answer.headers as Record<string, string>, body: text, json };
  };
  const it: Visitor = {
    cookies,
    csrf: undefined,
    get: (path, headers = {}) => call("GET", path, null, headers),
    send(method, path, body, headers = {}) {
      const sent: Record<string, string> = { "sec-fetch-site": "same-origin" };
      if (it.csrf) sent["x-csrf-token"] = it.csrf;
      if (body !== undefined) sent["content-type"] = "application/json";
      return call(method, path, body === undefined ? null : JSON.stringify(body), { ...sent, ...headers });
    },
    post(path, fields, headers = {}) {
      const type = "application/x-www-form-urlencoded";
      const sent = { "sec-fetch-site": "same-origin", "content-type": type, ...headers };
      return call("POST", path, new URLSearchParams(fields).toString(), sent);
    },
    close: () => dispatcher.close(),
  };
  return it;
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair, ...attributes] = line.split(";").map((part) => part.trim());
  const at = pair!.indexOf("=");
  const name = pair!.slice(0, at);
  if (attributes.some((each) => /^max-age=0$/i.test(each))) cookies.delete(name);
  else cookies.set(name, pair!.slice(at + 1));
}
