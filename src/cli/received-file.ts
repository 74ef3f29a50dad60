import { existsSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { AppError } from "../platform/errors.ts";

export type Received = { path: string; bytes: number; mediaType: string };

/**
 * Stands for the response of a handler that sends bytes: they go into a new file that the owner alone may read, whole or not at
 * all; `-` is standard output.
 */
export class ReceivedFile extends Writable {
  private readonly headers = new Map<string, string>();
  private readonly path: string;
  private file: FileHandle | undefined;
  private bytes = 0;
  statusCode = 200;

  constructor(path: string) {
    super({ emitClose: true });
    this.path = path;
    if (path !== "-" && existsSync(path)) {
      throw new AppError("usage", `${path} exists`, { expected: "a new file", remedy: "name another with --out" });
    }
  }

  /** As the handlers see it. */
  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }

  setHeader(name: string, value: string | number): this {
    this.headers.set(name.toLowerCase(), String(value));
    return this;
  }

  writeHead(status: number, headers: Record<string, string | number> = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    return this;
  }

  /** The file is whole and in its place when it resolves. */
  async received(): Promise<Received> {
    try {
      await finished(this, { readable: false });
      const promised = this.headers.get("content-length");
      if (promised !== undefined && Number(promised) !== this.bytes) {
        throw new AppError("cut-short", "the file was cut short", {
          found: `${this.bytes} bytes`,
          expected: `${promised} bytes`,
          remedy: "try again",
        });
      }
      await this.file?.sync();
    } catch (error) {
      await this.file?.close();
      await rm(this.partial, { force: true });
      throw error;
    }
    await this.file?.close();
    if (this.file) await rename(this.partial, this.path);
    return { path: this.path, bytes: this.bytes, mediaType: this.headers.get("content-type") ?? "" };
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.keep(chunk).then(() => done(), done);
  }

  /** In the place of what a killed run left; never through a link. */
  private async create(): Promise<FileHandle> {
    await rm(this.partial, { force: true });
    return open(this.partial, "wx", 0o600);
  }

  private get partial(): string {
    return `${this.path}.partial`;
  }

  private async keep(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    if (this.path === "-") {
      await new Promise<void>((resolve, reject) =>
        process.stdout.write(chunk, (error) => (error ? reject(error) : resolve())),
      );
      return;
    }
    this.file ??= await this.create();
    await this.file.writeFile(chunk);
  }
}
