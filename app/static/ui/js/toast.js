// Short notes in the corner. The server sends one with the header HX-Trigger:
// {"toast": {"message": "PR-26-00412 approved", "undo": "/inbox/undo/7"}}; Z presses the newest Undo.
import { all, element, isTyping, one } from "./dom.js";

const SECONDS = 8;
const MOST = 3;

/** Shows a note; undo is an address to post to, or a function. */
export function toast(message, undo) {
  const corner = one(".toasts");
  if (!corner) return;
  const note = element("div", { class: "toast" }, message);
  if (undo) {
    const button = element("button", { type: "button", "data-undo": true }, "Undo (Z)");
    button.addEventListener("click", () => {
      note.remove();
      if (typeof undo === "function") undo();
      else window.htmx.ajax("POST", undo, { swap: "none" });
    });
    note.append(button);
  }
  corner.append(note);
  for (const old of all(".toast", corner).slice(0, -MOST)) old.remove();
  setTimeout(() => note.remove(), SECONDS * 1000);
}

export function start() {
  document.addEventListener("toast", (event) => toast(event.detail.message ?? event.detail.value, event.detail.undo));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "z" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    all(".toast [data-undo]").at(-1)?.click();
  });
}
