// data-key="a" on a visible button or link: that key presses it. data-go="i" on a link of the sidebar: g then i
// opens it. ? lists them all, Ctrl+S sends form#model-form, Ctrl+K and / search. Single keys are off inside fields.
import { all, element, isTyping, isUsable, one } from "./dom.js";
import { openPalette } from "./palette.js";

const OFF = "single-keys-off";
const SECOND_KEY_WITHIN = 1200;
const ALWAYS = [
  ["Search documents and pages", "Ctrl K"],
  ["Save the form", "Ctrl S"],
  ["This list", "?"],
];
let waitingForPlace = 0;

const areOff = () => localStorage.getItem(OFF) === "yes";

/** The words of a button without its key and without what only screen readers hear. */
function words(target) {
  const copy = target.cloneNode(true);
  for (const extra of all("kbd, .count, svg", copy)) extra.remove();
  return copy.textContent.replace(/\s+/g, " ").trim() || target.getAttribute("aria-label");
}

function row(what, keys) {
  const shown = keys.split(" ").map((key) => element("kbd", {}, key));
  return [element("dt", {}, what), element("dd", {}, ...shown.flatMap((key) => [key, " "]))];
}

function list() {
  const dialog = one("#shortcuts-dialog");
  const here = all("[data-key]").filter(isUsable).map((target) => [words(target), target.dataset.key.toUpperCase()]);
  const queue = one("ul.q") ? [["Next, previous", "J K"], ["Select", "X"]] : [];
  const places = all(".side [data-go]").map((link) => [`Go to ${words(link)}`, `g ${link.dataset.go}`]);
  const rows = [...here, ...queue, ...ALWAYS, ...places].flatMap(([what, keys]) => row(what, keys));
  one(".keys", dialog).replaceChildren(...rows);
  one("[data-keys-switch]", dialog).checked = !areOff();
  dialog.showModal();
}

function withControl(event) {
  if (event.key === "k") {
    event.preventDefault();
    openPalette();
  }
  const form = one("form#model-form");
  if (event.key === "s" && form) {
    event.preventDefault();
    form.requestSubmit();
  }
}

function single(event) {
  if (Date.now() - waitingForPlace < SECOND_KEY_WITHIN) {
    waitingForPlace = 0;
    const link = one(`.side [data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
      return;
    }
  }
  if (event.key === "g") {
    waitingForPlace = Date.now();
    return;
  }
  const target = all(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`).find(isUsable);
  if (target) {
    event.preventDefault();
    target.click();
  } else if (event.key === "/") {
    event.preventDefault();
    openPalette();
  } else if (event.key === "?") {
    event.preventDefault();
    list();
  }
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.altKey) return;
    if (event.ctrlKey || event.metaKey) withControl(event);
    else if (!areOff() && !event.repeat && !isTyping(event.target) && !one("dialog[open]")) single(event);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-shortcuts]")) list();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    if (event.target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
}
