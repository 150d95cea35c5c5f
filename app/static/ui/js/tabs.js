// role=tab in a role=tablist: arrows, Home and End move; the address remembers the tab (#lines).
// A link to a field inside a closed panel (#line-3-quantity) opens the panel and goes to the field.
import { all, one } from "./dom.js";

const FIELDS = "input:not([type=hidden]), select, textarea, button, a[href]";

function panelOf(tab) {
  return document.getElementById(tab.getAttribute("aria-controls"));
}

function open(tab) {
  for (const other of all("[role=tab]", tab.closest("[role=tablist]"))) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const panel = panelOf(other);
    if (panel) {
      panel.hidden = !chosen;
      panel.classList.remove("panel-later");
    }
  }
}

function choose(tab) {
  open(tab);
  tab.focus();
  history.replaceState(history.state, "", `#${tab.getAttribute("aria-controls")}`);
}

/** Opens whatever hides the target, and puts the cursor into it when it is a field. */
export function reveal(target) {
  for (let panel = target.closest("[role=tabpanel]"); panel; panel = panel.parentElement.closest("[role=tabpanel]")) {
    const tab = one(`[role=tab][aria-controls="${CSS.escape(panel.id)}"]`);
    if (tab) open(tab);
  }
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (target.matches("[role=tabpanel]")) return;
  const field = target.matches(FIELDS) ? target : one(FIELDS, target);
  target.scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}

function followAddress() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && (target.matches("[role=tabpanel]") || target.closest("[role=tabpanel], .fld, form"))) reveal(target);
}

export function start() {
  for (const list of all("[role=tablist]")) {
    const chosen = one("[role=tab][aria-selected=true]", list) ?? one("[role=tab]", list);
    if (chosen) open(chosen);
  }
  followAddress();
  window.addEventListener("hashchange", followAddress);

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
    const link = event.target.closest('a[href^="#"]');
    const target = link && link.hash.length > 1 && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target && link.closest(".esum, [data-reveal]")) {
      event.preventDefault();
      reveal(target);
    }
  });

  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    if (!tab) return;
    const list = all("[role=tab]", tab.closest("[role=tablist]"));
    const here = list.indexOf(tab);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: list.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(list[(next + list.length) % list.length]);
  });
}
