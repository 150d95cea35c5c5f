// table[data-filed] lists what lies in a container; its rows can be dragged onto [data-drop="key"] links of the tree.
// Dropping presses the button of [data-move-menu] that names the same container, so that there is one way to move.
// J and K go from row to row, X ticks the row; V (shortcuts.js) opens the menu, arrows choose in it.
import { all, element, isTyping, one } from "./dom.js";

const table = () => one("table[data-filed]");
const boxes = () => all("input[data-row]", table() ?? document);

function tick(box, on) {
  if (box.checked === on) return;
  box.checked = on;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function step(by) {
  const list = boxes();
  const at = list.indexOf(document.activeElement);
  const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (!table() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || one("dialog[open]") || localStorage.getItem("single-keys-off") === "yes") return;
  const box = document.activeElement?.matches("input[data-row]") ? document.activeElement : null;
  const act = { j: () => step(1), k: () => step(-1), x: () => box && tick(box, !box.checked) }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Arrows go through an open list of containers. */
function onArrow(event) {
  const menu = event.target.closest?.("[data-move-menu][open]");
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !by) return;
  event.preventDefault();
  const buttons = all("button", menu);
  const next = buttons.indexOf(document.activeElement) + by;
  buttons[(next + buttons.length) % buttons.length].focus();
}

function startDrag(event) {
  const row = event.target.closest?.("table[data-filed] tr[draggable]");
  if (!row) return;
  const own = one("input[data-row]", row);
  if (!own.checked) {
    for (const box of boxes()) tick(box, box === own);
  }
  const rows = boxes().filter((box) => box.checked).map((box) => box.closest("tr"));
  for (const one of rows) one.dataset.dragged = "";
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", rows.map((one) => one.querySelector(".docnum").textContent).join(", "));
  const says = element("div", { class: "toast" }, rows.length === 1 ? "One document" : `${rows.length} documents`);
  document.body.append(says);
  event.dataTransfer.setDragImage(says, 10, 10);
  setTimeout(() => says.remove(), 0);
}

const isDragging = () => Boolean(one("tr[data-dragged]"));

function endDrag() {
  for (const row of all("tr[data-dragged]")) delete row.dataset.dragged;
  for (const spot of all("[data-over]")) delete spot.dataset.over;
}

/** The button that moves to where a spot of the tree leads; none for the place that one is in already. */
const buttonFor = (spot) => spot && one(`[data-move-menu] button[value="${CSS.escape(spot.dataset.drop)}"]`);

function over(event) {
  const spot = event.target.closest?.("[data-drop]");
  for (const other of all("[data-over]")) if (other !== spot) delete other.dataset.over;
  if (!isDragging() || !buttonFor(spot)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  spot.dataset.over = "";
}

function drop(event) {
  const button = isDragging() && buttonFor(event.target.closest?.("[data-drop]"));
  if (!button) return;
  event.preventDefault();
  button.form.requestSubmit(button);
}

export function start() {
  if (!table() && !one("[data-move-menu]")) return;
  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", onArrow);
  document.addEventListener("dragstart", startDrag);
  document.addEventListener("dragend", endDrag);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  for (const menu of all("[data-move-menu]")) {
    menu.addEventListener("toggle", () => menu.open && one("button", menu)?.focus());
  }
}
