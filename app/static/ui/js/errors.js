// .esum, the error summary: gets the cursor when a page or a piece of a page arrives with one,
// so that a screen reader reads it and the links to the fields are next.
import { one } from "./dom.js";

export function start() {
  if (!location.hash) one(".esum")?.focus();
  document.addEventListener("htmx:afterSettle", (event) => one(".esum", event.target)?.focus());
}
