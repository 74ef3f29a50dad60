import { type ChildProcess, fork } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import type { ThumbnailReply, ThumbnailRequest } from "./thumbnail-process.ts";

export type Thumbnail = { ok: true; bytes: Buffer; mediaType: "image/webp" } | { ok: false; reason: string };

export type Thumbnailer = {
  /** Never rejects for what a picture does: broken, huge and hostile ones come back as `ok: false` with the reason. */
  make(image: Uint8Array): Promise<Thumbnail>;
  stop(): Promise<void>;
};

const moduleFile = join(import.meta.dirname, "thumbnail-process.ts");
const root = resolve(import.meta.dirname, "../..");

type Options = { maxPixels?: number; edge?: number; timeoutMs?: number; imagesPerProcess?: number };

/**
 * Makes thumbnails one after the other in a child process without environment, file writes or child processes of its own;
 * it is replaced after a crash, a timeout, and every so many images.
 */
export function createThumbnailer(options: Options = {}): Thumbnailer {
  const { maxPixels = 60_000_000, edge = 320, timeoutMs = 20_000, imagesPerProcess = 500 } = options;
  let child: ChildProcess | null = null;
  let made = 0;
  let nextId = 1;
  let last: Promise<unknown> = Promise.resolve();

  const retire = async () => {
    const old = child;
    child = null;
    made = 0;
    if (!old || old.exitCode !== null || old.signalCode !== null) return;
    const gone = new Promise((resolve) => old.once("exit", resolve));
    old.kill("SIGKILL");
    await gone;
  };
  const make = async (image: Uint8Array): Promise<Thumbnail> => {
    if (made >= imagesPerProcess || child?.connected === false) await retire();
    child ??= startChild();
    made++;
    const outcome = await ask(child, { id: nextId++, bytes: image, maxPixels, edge }, timeoutMs);
    if (outcome.failed) await retire();
    return outcome.thumbnail;
  };
  return {
    make(image) {
      const result = last.then(() => make(image));
      last = result.catch(() => {});
      return result;
    },
    async stop() {
      await last;
      await retire();
    },
  };
}

function startChild(): ChildProcess {
  const child = fork(moduleFile, {
    env: {},
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [
      "--permission",
      "--allow-addons",
      `--allow-fs-read=${join(root, "node_modules")}`,
      `--allow-fs-read=${dirname(moduleFile)}`,
      `--allow-fs-read=${join(root, "package.json")}`,
      "--max-old-space-size=256",
    ],
  });
  child.on("error", () => {});
  child.unref();
  child.channel?.unref();
  return child;
}

/** `failed`: the process cannot be trusted any more. */
function ask(
  child: ChildProcess,
  request: ThumbnailRequest,
  timeoutMs: number,
): Promise<{ thumbnail: Thumbnail; failed: boolean }> {
  return new Promise((resolve) => {
    const done = (thumbnail: Thumbnail, failed: boolean) => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      resolve({ thumbnail, failed });
    };
    const onMessage = (reply: ThumbnailReply) => {
      if (reply.id !== request.id) return;
      if ("reason" in reply) done({ ok: false, reason: reply.reason }, false);
      else done({ ok: true, bytes: Buffer.from(reply.bytes), mediaType: "image/webp" }, false);
    };
    const onExit = () => done({ ok: false, reason: "the picture ended the decoder" }, true);
    const timer = setTimeout(() => {
      done({ ok: false, reason: `the decoder took more than ${timeoutMs} ms` }, true);
    }, timeoutMs);
    child.on("message", onMessage);
    child.once("exit", onExit);
    child.send(request, (error) => {
      if (error) done({ ok: false, reason: error.message }, true);
    });
  });
}
