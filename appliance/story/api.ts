import { readFileSync } from "node:fs";
import { Agent, fetch } from "undici";
import { StoryError } from "./print.ts";

/** A tenant's own use of the REST API: its key, our CA. Any answer that is not a success ends the story with its problem text. */
export interface Api {
  get<T>(path: string): Promise<T>;
  send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T>;
  download(path: string): Promise<ReadableStream<Uint8Array>>;
  close(): Promise<void>;
}

export function connectApi(base: string, caFile: string, key: string): Api {
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${base}${path}`, {
      method,
      dispatcher,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new StoryError(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  return {
    get: async <T>(path: string) => (await (await call("GET", path)).json()) as T,
    send: async <T>(method: string, path: string, body?: unknown) => {
      const response = await call(method, path, body ?? {});
      const text = await response.text();
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    download: async (path) => (await call("GET", path)).body as unknown as ReadableStream<Uint8Array>,
    close: () => dispatcher.close(),
  };
}
