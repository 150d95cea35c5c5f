// data-palette opens <dialog id="palette">: the first entry searches documents for what is typed,
// the others are the pages of the sidebar that match. Arrows choose, Enter opens.
import { all, element, one } from "./dom.js";

const MOST = 9;
let entries = [];
let chosen = 0;

function pages(words) {
  return all(".side .nav a").map((link) => ({
    text: one("[data-label]", link).textContent.trim(),
    kind: link.closest("ul").dataset.section || "Page",
    url: link.getAttribute("href"),
  })).filter((page) => page.text.toLowerCase().includes(words.toLowerCase()));
}

function search(words) {
  if (!words) return [];
  const url = `${one("#palette").dataset.search}?q=${encodeURIComponent(words)}`;
  return [{ text: `Search documents for “${words}”`, kind: "Search", url }];
}

function draw() {
  const input = one("#palette input");
  const words = input.value.trim();
  entries = [...search(words), ...pages(words)].slice(0, MOST);
  chosen = Math.max(0, Math.min(chosen, entries.length - 1));
  one("#palette-list").replaceChildren(...entries.map((entry, at) => element(
    "li",
    { role: "option", id: `palette-${at}`, "aria-selected": String(at === chosen), "data-at": at },
    entry.text,
    element("small", {}, entry.kind),
  )));
  if (entries.length) input.setAttribute("aria-activedescendant", `palette-${chosen}`);
  else input.removeAttribute("aria-activedescendant");
  one(`#palette-${chosen}`)?.scrollIntoView({ block: "nearest" });
}

function go(at) {
  if (entries[at]) location.assign(entries[at].url);
}

export function openPalette() {
  const dialog = one("#palette");
  if (!dialog || dialog.open) return;
  one("input", dialog).value = "";
  chosen = 0;
  draw();
  dialog.showModal();
  one("input", dialog).focus();
}

export function start() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) openPalette();
    const entry = event.target.closest("#palette-list li");
    if (entry) go(Number(entry.dataset.at));
    if (event.target === one("#palette")) event.target.close();
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("#palette input")) return;
    chosen = 0;
    draw();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("#palette input")) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      chosen = (chosen + step + entries.length) % (entries.length || 1);
      draw();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      go(chosen);
    }
  });
}
