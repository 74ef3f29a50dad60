"use strict";
// One's own account: every change is a request to the API, with the session's token.
let { csrf } = document.body.dataset;
const by = (selector, within = document) => within.querySelector(selector);
const status = by(".status");

class Refused extends Error {}

async function call(method, path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers: { "x-csrf-token": csrf, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const json = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (answer.status === 401 && !path.startsWith("/session/step-up")) {
    location.assign("/login");
    return new Promise(() => {});
  }
  if (!answer.ok) {
    const expected = json.expected && `Expected: ${json.expected}`;
    const error = new Refused([json.detail ?? "This did not work", json.found, expected, json.remedy].filter(Boolean).map(sentence).join(" "));
    error.isStepUp = String(json.type).endsWith(":step-up");
    throw error;
  }
  if (json.csrfToken) csrf = json.csrfToken;
  return json;
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

// What needs a fresh second factor is done again once it was shown.
async function guarded(work) {
  try {
    return await work();
  } catch (error) {
    if (!error.isStepUp || !(await stepUp(error))) throw error;
    return work();
  }
}

class Closed extends Error {}

function open(dialog) {
  for (const error of dialog.querySelectorAll(".error")) error.textContent = "";
  dialog.showModal();
  return dialog;
}
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}

/** Resolves with what `work` gives for the dialog's form; errors show in it. Rejects when it is closed. */
function ask(dialog, work) {
  const form = by("form", dialog);
  return new Promise((resolve, reject) => {
    const submit = async (event) => {
      event.preventDefault();
      const button = by("button[type=submit]", form);
      button.disabled = true;
      by(".error", dialog).textContent = "";
      try {
        const found = await work();
        settle();
        dialog.close();
        resolve(found);
      } catch (error) {
        by(".error", dialog).textContent = words(error);
      } finally {
        button.disabled = false;
      }
    };
    const close = () => {
      settle();
      reject(new Closed());
    };
    const settle = () => {
      form.removeEventListener("submit", submit);
      dialog.removeEventListener("close", close);
    };
    form.addEventListener("submit", submit);
    dialog.addEventListener("close", close);
    open(dialog);
  });
}

const words = (error) =>
  error.name === "NotAllowedError" || error.name === "AbortError"
    ? "This was cancelled, or took too long. Try again."
    : error.message;

const value = (id) => document.getElementById(id).value.trim();

async function stepUp(cause) {
  const { factors, recoveryCodesLeft } = await call("GET", "/account/factors");
  if (factors.length === 0) throw cause;
  const dialog = document.getElementById("step-up");
  const [stack, form, error] = [by("[data-methods]", dialog), by("form", dialog), by(".error", dialog)];
  const label = by("label", form);
  stack.replaceChildren();
  form.hidden = true;
  return new Promise((resolve) => {
    let kind;
    const attempt = (work) => async (event) => {
      event.preventDefault();
      error.textContent = "";
      try {
        if (await work()) {
          dialog.removeEventListener("close", cancelled);
          dialog.close();
          form.onsubmit = null;
          resolve(true);
        }
      } catch (cause) {
        error.textContent = words(cause);
      }
    };
    const cancelled = () => resolve(false);
    dialog.addEventListener("close", cancelled, { once: true });
    form.onsubmit = attempt(async () => {
      await call("POST", "/session/step-up", { kind, code: value("step-up-code") });
      return true;
    });
    const typed = (chosen, text) => {
      kind = chosen;
      label.textContent = text;
      form.hidden = false;
      document.getElementById("step-up-code").value = "";
      document.getElementById("step-up-code").focus();
      return false;
    };
    const way = (text, work) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: text });
      button.addEventListener("click", attempt(work));
      stack.append(button);
    };
    const kinds = new Set(factors.map((factor) => factor.kind));
    if (kinds.has("webauthn")) {
      way("Use your security key or passkey", async () => {
        const { publicKey } = await call("POST", "/session/step-up/webauthn");
        const response = await SimpleWebAuthnBrowser.startAuthentication({ optionsJSON: publicKey });
        await call("POST", "/session/step-up", { kind: "webauthn", response });
        return true;
      });
    }
    if (kinds.has("email")) {
      way("Send a code by e-mail", async () => {
        await call("POST", "/session/step-up/email");
        return typed("email", "Code from the e-mail");
      });
    }
    if (kinds.has("totp") && kinds.size > 1) way("Use your authenticator app", () => typed("totp", "Code of your authenticator app"));
    if (recoveryCodesLeft > 0) way("Use a recovery code", () => typed("recovery", "Recovery code"));
    open(dialog);
    if (kinds.size === 1 && kinds.has("totp")) typed("totp", "Code of your authenticator app");
  });
}

function showCodes(codes) {
  const dialog = document.getElementById("codes");
  by(".codes", dialog).replaceChildren(
    ...codes.map((code) => Object.assign(document.createElement("li"), { textContent: code })),
  );
  const [stored, done] = [document.getElementById("stored"), by("[data-done]", dialog)];
  stored.checked = false;
  done.disabled = true;
  stored.onchange = () => {
    done.disabled = !stored.checked;
  };
  by("[data-print]", dialog).onclick = () => print();
  by("[data-copy]", dialog).onclick = () => navigator.clipboard.writeText(codes.join("\n"));
  dialog.oncancel = (event) => event.preventDefault();
  open(dialog);
  return new Promise((resolve) => {
    done.onclick = () => {
      dialog.close();
      resolve();
    };
  });
}

function sure(title, text, yes) {
  const dialog = document.getElementById("sure");
  by("h2", dialog).textContent = title;
  by(".lead", dialog).textContent = text;
  const button = by("[data-yes]", dialog);
  button.textContent = yes;
  return new Promise((resolve, reject) => {
    const close = () => reject(new Closed());
    dialog.addEventListener("close", close, { once: true });
    button.onclick = () => {
      dialog.removeEventListener("close", close);
      dialog.close();
      resolve();
    };
    open(dialog);
  });
}

async function added({ recoveryCodes }) {
  if (recoveryCodes) await showCodes(recoveryCodes);
  location.reload();
}

const acts = {
  async "add-totp"() {
    const { secret, svg } = await guarded(() => call("POST", "/account/factors/totp/begin"));
    const dialog = document.getElementById("add-totp");
    by(".qr", dialog).replaceChildren(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement);
    by(".secret", dialog).textContent = secret.replace(/(.{4})(?=.)/g, "$1 ");
    document.getElementById("totp-code").value = "";
    await added(
      await ask(dialog, () => call("POST", "/account/factors/totp", { name: value("totp-name"), code: value("totp-code") })),
    );
  },
  async "add-webauthn"() {
    const { publicKey } = await guarded(() => call("POST", "/account/factors/webauthn/begin"));
    let options = publicKey;
    const register = async () => {
      options ??= (await call("POST", "/account/factors/webauthn/begin")).publicKey;
      const optionsJSON = options;
      // A challenge is good once.
      options = undefined;
      const response = await SimpleWebAuthnBrowser.startRegistration({ optionsJSON });
      return call("POST", "/account/factors/webauthn", { name: value("key-name"), response });
    };
    await added(await ask(document.getElementById("name-key"), register));
  },
  async "add-email"() {
    await guarded(() => call("POST", "/account/factors/email/begin"));
    document.getElementById("email-code").value = "";
    await added(
      await ask(document.getElementById("add-email"), () =>
        call("POST", "/account/factors/email", { name: "E-mail", code: value("email-code") }),
      ),
    );
  },
  async rename({ id, name }) {
    document.getElementById("new-name").value = name;
    await ask(document.getElementById("rename"), () => call("PATCH", `/account/factors/${id}`, { name: value("new-name") }));
    location.reload();
  },
  async remove({ id, name }) {
    await sure(`Remove ${name}?`, "It will not be accepted any more.", "Remove");
    await guarded(() => call("DELETE", `/account/factors/${id}`));
    location.reload();
  },
  async recovery() {
    const { recoveryCodes } = await guarded(() => call("POST", "/account/recovery-codes"));
    await showCodes(recoveryCodes);
    location.reload();
  },
  async end({ id }) {
    await call("DELETE", `/sessions/${id}`);
    location.reload();
  },
  async "sign-out-others"() {
    await sure("Sign out everywhere else?", "Every other browser must sign in again.", "Sign out");
    await call("POST", "/sessions/log-out-everywhere");
    location.reload();
  },
  async "sign-out"() {
    await call("DELETE", "/session");
    location.assign(`/login/${document.body.dataset.slug}`);
  },
};

for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", async () => {
    status.textContent = "";
    button.disabled = true;
    try {
      await acts[button.dataset.act](button.dataset);
    } catch (error) {
      if (!(error instanceof Closed)) status.textContent = words(error);
    } finally {
      button.disabled = false;
    }
  });
}

by("form[data-form=password]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const error = by("form[data-form=password] > .error");
  error.textContent = "";
  try {
    const { current, password } = Object.fromEntries(new FormData(form));
    await call("POST", "/account/password", { current, password });
    form.reset();
    form.closest("details").open = false;
    status.textContent = "Your password is changed. Your other sessions have ended.";
  } catch (cause) {
    error.textContent = words(cause);
  }
});

for (const time of document.querySelectorAll("time")) {
  const at = new Date(time.dateTime);
  time.title = time.textContent;
  time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
