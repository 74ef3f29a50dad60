import type { Verdict } from "../verify.ts";
import type { FolderFile } from "./browser-source.ts";
import { byId } from "./dom.ts";
import type { Reply, Request } from "./messages.ts";
import { verdictView } from "./verdict-view.ts";

type Chosen = { label: string; bundle: Request["bundle"] };

const input = (id: string) => byId<HTMLInputElement>(id);
let chosen: Chosen | undefined;

function choose(next: Chosen): void {
  chosen = next;
  const shape =
    "file" in next.bundle
      ? `${next.bundle.file.size.toLocaleString("en")} bytes`
      : `${next.bundle.folder.length} files`;
  byId("chosen").textContent = `${next.label} · ${shape}`;
  byId("drop").classList.add("has-bundle");
  byId<HTMLButtonElement>("verify").disabled = false;
}

function chooseFile(file: File | undefined): void {
  if (file) choose({ label: file.name, bundle: { file } });
}

/** Names relative to the folder that was chosen. */
function chooseFolder(files: FileList): void {
  const folder: FolderFile[] = Array.from(files, (file) => ({
    name: file.webkitRelativePath.split("/").slice(1).join("/"),
    file,
  }));
  const label = files[0]?.webkitRelativePath.split("/")[0];
  if (label) choose({ label, bundle: { folder } });
}

function showProgress(text: string, part: number): void {
  byId("progress").hidden = false;
  byId("step").textContent = text;
  byId<HTMLProgressElement>("bar").value = part;
}

function showError(message: string): void {
  byId("error").textContent = message;
  byId("error").hidden = message === "";
}

function saveVerdict(verdict: Verdict): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(verdict, null, 1)}\n`], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${verdict.bundle.label.replace(/[^A-Za-z0-9._-]/g, "_")}.verdict.json`;
  link.click();
  URL.revokeObjectURL(url);
}

function showVerdict(verdict: Verdict): void {
  const view = verdictView(verdict, new Date());
  byId("result").replaceChildren(view);
  byId("actions").hidden = false;
  byId("save").onclick = () => saveVerdict(verdict);
  view.querySelector("h2")?.focus();
}

function finish(): void {
  byId("progress").hidden = true;
  byId<HTMLButtonElement>("verify").disabled = false;
}

function startWorker(): { worker: Worker; stop: () => void } {
  const source = byId("worker").textContent ?? "";
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  return {
    worker,
    stop() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

function verify(): void {
  if (!chosen) return;
  const { label, bundle } = chosen;
  byId<HTMLButtonElement>("verify").disabled = true;
  byId("result").replaceChildren();
  byId("actions").hidden = true;
  showError("");
  showProgress("opening", 0);
  const { worker, stop } = startWorker();
  const end = (message = "") => {
    stop();
    finish();
    showError(message);
  };
  worker.onerror = (event) => end(`could not run: ${event.message}`);
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if (data.kind === "progress") {
      const { step, done, total } = data.progress;
      showProgress(step, total > 0 ? done / total : 0);
      return;
    }
    end(data.kind === "verdict" ? "" : `could not run: ${data.message}`);
    if (data.kind === "verdict") showVerdict(data.verdict);
  };
  const request: Request = {
    label,
    bundle,
    trust: input("trust").value,
    previous: input("previous").value,
    acceptEpoch: input("accept-epoch").value,
    requireAll: input("require-all").checked,
    passphrase: input("passphrase").value,
    identities: input("identities").value,
  };
  worker.postMessage(request);
}

/** A file beside a text field fills the field. */
function fillFrom(fileId: string, textId: string): void {
  input(fileId).addEventListener("change", async () => {
    const file = input(fileId).files?.[0];
    if (file) input(textId).value = await file.text();
  });
}

function acceptDrops(): void {
  const drop = byId("drop");
  for (const type of ["dragenter", "dragover"] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const type of ["dragleave", "drop"] as const) {
    document.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.remove("over");
    });
  }
  document.addEventListener("drop", (event) => chooseFile(event.dataTransfer?.files[0]));
}

function start(): void {
  acceptDrops();
  input("file").addEventListener("change", () => chooseFile(input("file").files?.[0]));
  input("folder").addEventListener("change", () => chooseFolder(input("folder").files!));
  fillFrom("trust-file", "trust");
  fillFrom("previous-file", "previous");
  fillFrom("identities-file", "identities");
  byId("verify").addEventListener("click", verify);
  byId("print").addEventListener("click", () => print());
}

start();
