"use strict";
// Comfort for forms that work without it: says that something is under way, and shows a password on demand.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    // After the form is sent, so that the button's own value would still go with it.
    setTimeout(() => {
      button.disabled = true;
      if (form.dataset.busy) button.textContent = form.dataset.busy;
    });
  });
}
// Coming back by the history shows the page as it was: with its button spent.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.textContent = "Show";
  button.setAttribute("aria-controls", input.id);
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", `Show ${input.labels[0].textContent.toLowerCase()}`);
  button.addEventListener("click", () => {
    const isShown = input.type === "text";
    input.type = isShown ? "password" : "text";
    button.textContent = isShown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!isShown));
  });
  input.labels[0].before(button);
}
// Who was sent here from a page of the console says so behind the #, and goes back there; the server checks where that is.
const back = decodeURI(location.hash.slice(1));
if (back.startsWith("/")) {
  for (const field of document.querySelectorAll("input[name=next]")) field.value = back;
  for (const form of document.querySelectorAll("form[method=get]")) form.action += location.hash;
}
document.querySelector("[role=alert]")?.focus();
