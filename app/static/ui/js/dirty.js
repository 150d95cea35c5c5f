// form#model-form: warns before one leaves with changes that were not sent.
// [data-unsaved-note] inside the form appears as soon as something was changed.
import { all, one } from "./dom.js";

let changed = false;

export function start() {
  const form = one("form#model-form");
  if (!form) return;
  const note = () => {
    changed = true;
    for (const hint of all("[data-unsaved-note]", form)) hint.hidden = false;
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  document.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented) changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
