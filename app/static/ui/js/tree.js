// ul[data-tree] of [role=treeitem]: arrows walk, right and left open and close, Enter shows an office beside the tree.
// data-below answers the level below an item, fetched when it is first opened; data-panel what belongs to it.
import { all, one } from "./dom.js";
import { toast } from "./toast.js";

const ITEM = "[role=treeitem]";
// An item is the link in the row of its <li>; the level below it is the list in the same <li>.
const itemOf = (target) => target.closest?.("[data-tree] .tree-row") && one(ITEM, target.closest(".tree-row"));
const groupOf = (item) => one(":scope > [role=group]", item.closest("li"));
const shown = (tree) => all(ITEM, tree).filter((item) => item.checkVisibility());

async function piece(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/login")) location.assign(answer.url);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

function focus(item) {
  for (const other of all(`${ITEM}[tabindex="0"]`, item.closest("[data-tree]"))) other.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

async function open(item) {
  if (item.getAttribute("aria-expanded") !== "false") return;
  const group = groupOf(item);
  try {
    if (!group.children.length) group.innerHTML = await piece(item.dataset.below);
    item.setAttribute("aria-expanded", "true");
  } catch {
    toast("The offices below could not be loaded. Try again.");
  }
}

const close = (item) => item.setAttribute("aria-expanded", "false");

async function choose(item) {
  const panel = one("[data-office-panel]");
  try {
    const text = await piece(item.dataset.panel);
    panel.innerHTML = text;
  } catch {
    toast("The office could not be loaded. Try again.");
    return;
  }
  for (const other of all(`${ITEM}[aria-selected=true]`, item.closest("[data-tree]"))) other.setAttribute("aria-selected", "false");
  item.setAttribute("aria-selected", "true");
  history.replaceState(history.state, "", item.href);
  const add = document.getElementById("add-below");
  if (add) add.search = `?parent=${item.id.replace("office-", "")}`;
}

function walk(item, key) {
  const tree = item.closest("[data-tree]");
  const items = shown(tree);
  const at = items.indexOf(item);
  const expanded = item.getAttribute("aria-expanded");
  if (key === "ArrowDown") return items[at + 1];
  if (key === "ArrowUp") return items[at - 1];
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key === "ArrowRight" && expanded === "true") return items[at + 1];
  if (key === "ArrowLeft" && expanded !== "true") return one(ITEM, item.closest("[role=group]")?.closest("li") ?? tree.ownerDocument.createElement("li"));
  return null;
}

async function pressed(event) {
  const item = itemOf(event.target);
  if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key;
  if (!["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End", "Enter", " "].includes(key)) return;
  event.preventDefault();
  event.stopPropagation();
  if (key === "Enter" || key === " ") await choose(item);
  else if (key === "ArrowRight" && item.getAttribute("aria-expanded") === "false") await open(item);
  else if (key === "ArrowLeft" && item.getAttribute("aria-expanded") === "true") close(item);
  else {
    const next = walk(item, key);
    if (next) focus(next);
  }
}

function clicked(event) {
  const item = itemOf(event.target);
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  focus(item);
  if (event.target.closest("[data-twist]") && item.hasAttribute("aria-expanded")) {
    if (item.getAttribute("aria-expanded") === "true") close(item);
    else open(item);
  } else choose(item);
}

export function start() {
  const tree = one("[data-tree]");
  if (!tree) return;
  if (!one(`${ITEM}[tabindex="0"]`, tree)) one(ITEM, tree)?.setAttribute("tabindex", "0");
  one("[aria-selected=true]", tree)?.scrollIntoView({ block: "nearest" });
  tree.addEventListener("keydown", pressed);
  tree.addEventListener("click", clicked);
}
