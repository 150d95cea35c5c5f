// data-palette opens <dialog id="palette">: pages of the sidebar that match, then what the server finds for what is typed
// (actions, documents, vendors), then the search for all of it. Arrows choose, Enter opens.
import { all, element, one } from "./dom.js";

const MOST = 12;
const MOST_PAGES = 4;
const PAUSE = 120;
let entries = [];
let chosen = 0;
let found = { words: "", places: [] };
let asking = 0;

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
  const places = words === found.words ? found.places : [];
  const near = pages(words).slice(0, words ? MOST_PAGES : MOST);
  entries = [...near, ...places, ...search(words)].slice(0, MOST);
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

/** Asks the server once somebody pauses; an answer to what is no longer typed is dropped. */
function ask() {
  clearTimeout(asking);
  const words = one("#palette input").value.trim();
  if (words.length < 2 || words === found.words) return;
  asking = setTimeout(async () => {
    const url = `${one("#palette").dataset.search}jump?q=${encodeURIComponent(words)}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || answer.redirected || one("#palette input").value.trim() !== words) return;
    const before = entries[chosen]?.url;
    found = { words, places: (await answer.json()).results };
    draw();
    const same = entries.findIndex((entry) => entry.url === before);
    if (chosen && same > 0) { chosen = same; draw(); }
  }, PAUSE);
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
    ask();
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
