// ul.q is a queue whose .item links load a preview (hx-get, hx-target="#preview"): J and K move, X selects.
// The keys of the preview's buttons (data-key="a", "r") are the business of shortcuts.js. When the server answers
// with the event "decided" ({"id": 5}), that item leaves the queue and the next one opens.
import { all, isTyping, one } from "./dom.js";

const items = () => all("ul.q .item");
const current = () => one("ul.q .item[aria-current]");

function mark(item) {
  for (const other of items()) other.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  item.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const list = items();
  const next = list[list.indexOf(current()) + by];
  if (next) {
    next.click();
    next.focus({ preventScroll: true });
  }
}

function toggle() {
  const box = current()?.closest("li").querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function leave(event) {
  const item = one(`ul.q .item[data-id="${CSS.escape(String(event.detail.id))}"]`);
  if (!item) return;
  const row = item.closest("li");
  const list = items();
  const at = list.indexOf(item);
  const next = list[at + 1] ?? list[at - 1];
  const wasOpen = item.hasAttribute("aria-current");
  row.remove();
  const count = one("[data-queue-count]");
  if (count) count.textContent = String(items().length);
  if (!wasOpen) return;
  if (next) {
    next.click();
    next.focus({ preventScroll: true });
  } else {
    const done = one("#queue-empty");
    const preview = one("#preview");
    if (preview && done) preview.replaceChildren(done.content.cloneNode(true));
    one(".inbox")?.removeAttribute("data-reading");
  }
}

export function start() {
  document.addEventListener("click", (event) => {
    const item = event.target.closest("ul.q .item");
    if (item) {
      mark(item);
      one(".inbox")?.setAttribute("data-reading", "");
    }
    if (event.target.closest("[data-queue-back]")) {
      one(".inbox")?.removeAttribute("data-reading");
      current()?.focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (!one("ul.q") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || one("dialog[open]") || localStorage.getItem("single-keys-off") === "yes") return;
    const act = { j: () => step(1), k: () => step(-1), x: toggle }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // A preview that is still loading must not be decided upon: nobody has read it yet.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.closest?.("ul.q")) one("#preview")?.setAttribute("aria-busy", "true");
  });
  // htmx wires the new buttons only when it settles; before that a press would leave the page.
  document.addEventListener("htmx:afterSettle", (event) => {
    event.target.closest?.("#preview")?.removeAttribute("aria-busy");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.closest?.("ul.q") && !event.detail.successful) one("#preview")?.removeAttribute("aria-busy");
  });
  document.addEventListener("decided", leave);
}
