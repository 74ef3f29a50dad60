import { readFileSync } from "node:fs";
import { type Agent, type RequestOptions, request } from "node:https";
import type { Readable } from "node:stream";

export type RawAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

/** One request, byte for byte. An answer counts although the server stops reading before it has everything. */
export function raw(
  url: string,
  options: RequestOptions & { agent?: Agent | false },
  body?: string | Buffer | Readable,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const asked = request(url, { agent: false, ...options }, (res) => {
      answered = true;
      let text = "";
      res.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      const done = () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text });
      res.on("end", done).on("error", done);
    });
    asked.on("error", (error) => {
      if (!answered) reject(error);
    });
    if (body === undefined || typeof body === "string" || Buffer.isBuffer(body)) asked.end(body);
    else body.pipe(asked);
  });
}

/** Resident memory of a process in MB: now, and the most that it ever had. */
export function memoryOf(pid: number): { nowMb: number; mostMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
  return { nowMb: read("VmRSS"), mostMb: read("VmHWM") };
}

type Part = { name: string; body: Buffer | string; file?: string; type?: string };

/** RFC 7578 form data. */
export function formData(parts: Part[], boundary = "----test-boundary"): { type: string; body: Buffer } {
  const pieces = parts.flatMap(({ name, body, file, type }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file ? `; filename="${file}"` : ""}\r\n` +
        `${type ? `Content-Type: ${type}\r\n` : ""}\r\n`,
    ),
    Buffer.from(body as string),
    Buffer.from("\r\n"),
  ]);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}
