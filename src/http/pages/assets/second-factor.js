"use strict";
// Security keys and passkeys while signing in.
const { slug, next } = document.body.dataset;
const box = document.querySelector("[data-webauthn]");
if (box && SimpleWebAuthnBrowser.browserSupportsWebAuthn()) {
  const button = box.querySelector("button");
  const error = box.querySelector(".error");
  const post = async (path, body) => {
    const answer = await fetch(`/api/v1/sign-in/${slug}/second-factor${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body ?? {}),
    });
    const json = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error([json.detail, json.remedy].filter(Boolean).join("; ") || "this did not work");
    return json;
  };
  const show = async () => {
    button.disabled = true;
    error.textContent = "";
    try {
      const { publicKey } = await post("/webauthn");
      const response = await SimpleWebAuthnBrowser.startAuthentication({ optionsJSON: publicKey });
      await post("", { kind: "webauthn", response });
      location.assign(next);
    } catch (cause) {
      const cancelled = cause.name === "NotAllowedError" || cause.name === "AbortError";
      error.textContent = cancelled ? "This was cancelled, or took too long. Try again." : cause.message;
      button.disabled = false;
      button.focus();
    }
  };
  button.addEventListener("click", show);
  box.hidden = false;
}
