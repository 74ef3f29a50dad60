"use strict";
// The code comes behind the #, which browsers send nowhere. Out of the address bar with it, and into the form.
const field = document.getElementById("token");
const fromLink = location.hash.slice(1);
if (/^[A-Za-z0-9_-]{20,}$/.test(fromLink)) {
  field.value = fromLink;
  history.replaceState(null, "", location.pathname);
}
if (field.value !== "") {
  field.closest(".field").hidden = true;
  document.getElementById("password").focus();
}
const [password, repeat] = [document.getElementById("password"), document.getElementById("repeat")];
field.form.addEventListener(
  "submit",
  (event) => {
    if (password.value === repeat.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const box = repeat.closest(".field");
    box.classList.add("wrong");
    repeat.setAttribute("aria-invalid", "true");
    let error = document.getElementById("repeat-error");
    if (!error) {
      error = document.createElement("p");
      error.className = "error";
      error.id = "repeat-error";
      error.setAttribute("role", "alert");
      repeat.setAttribute("aria-describedby", error.id);
      box.append(error);
    }
    error.textContent = "The two are not the same.";
    repeat.focus();
  },
  true,
);
