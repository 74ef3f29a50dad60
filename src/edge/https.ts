import { type Agent, type RequestOptions, request } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export type HttpsAnswer = { status: number; headers: Record<string, string | undefined>; body: Buffer };
export type HttpsCall = {
  url: URL;
  method: "GET" | "HEAD" | "POST" | "PUT";
  headers?: Record<string, string>;
  body?: Buffer | Readable;
  agent: Agent;
  timeoutMs?: number; // without any byte in either direction
  signal?: AbortSignal;
};

const mostAnswerBytes = 1_048_576;

// Answers of every status are values; what fails below HTTP rejects.
export async function callHttps(call: HttpsCall): Promise<HttpsAnswer> {
  const { url, method, headers = {}, body, agent, timeoutMs = 30_000, signal } = call;
  const options: RequestOptions = { method, headers, agent, timeout: timeoutMs, ...(signal ? { signal } : {}) };
  const outgoing = request(url, options);
  outgoing.on("timeout", () => outgoing.destroy(new Error(`${url.host} was silent for ${timeoutMs} ms`)));
  const answer = new Promise<HttpsAnswer>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const parts: Buffer[] = [];
      let size = 0;
      incoming.on("data", (part: Buffer) => {
        size += part.length;
        if (size > mostAnswerBytes)
          incoming.destroy(new Error(`${url.host} answered more than ${mostAnswerBytes} bytes`));
        parts.push(part);
      });
      incoming.on("error", reject);
      incoming.on("end", () => {
        const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]));
        resolve({ status: incoming.statusCode ?? 0, headers, body: Buffer.concat(parts) });
      });
    });
  });
  if (body === undefined || Buffer.isBuffer(body)) {
    outgoing.end(body);
    return await answer;
  }
  // The server may answer before it has read everything (409, 422, 503): its answer counts more than the broken pipe.
  const sent = pipeline(body, outgoing).then(
    () => null,
    (error: unknown) => error,
  );
  const [first] = await Promise.allSettled([answer, sent]);
  if (first.status === "fulfilled") return first.value;
  throw first.reason;
}
