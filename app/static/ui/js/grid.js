// table.grid moves like a spreadsheet: Enter and the arrows go to the same column of the next or previous row, Escape
// puts the value back. A row that htmx saves (hx-post on <tr>) keeps the cursor and what was typed meanwhile.
import { all, element, one } from "./dom.js";

const FIELD = "input:not([type=hidden], [type=checkbox]), select";
const sent = new WeakMap();
let wasIn = null;

const fieldsOf = (row) => all("input, select", row).filter((field) => field.name && field.type !== "hidden");
const rowOf = (target) => target?.closest?.("table.grid tbody tr");
const valuesOf = (row) => Object.fromEntries(fieldsOf(row).map((field) => [field.name, field.value]));
const original = (field) => field.matches("select")
  ? all("option", field).find((option) => option.defaultSelected)?.value ?? field.options[0]?.value
  : field.defaultValue;

function below(field, step) {
  const cell = field.closest("td, th");
  let row = cell.parentElement;
  while ((row = step > 0 ? row.nextElementSibling : row.previousElementSibling)) {
    const same = one(FIELD, row.children[cell.cellIndex] ?? element("td"));
    if (same && !same.disabled) return same;
  }
  return null;
}

function goTo(field) {
  field.focus();
  if (field.matches("input")) field.select();
}

function move(event) {
  const field = event.target.closest?.(`table.grid tbody :is(${FIELD})`);
  if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
  // A picker's list has taken the key, even where its choice has closed the list since.
  if (event.defaultPrevented || field.getAttribute("aria-expanded") === "true") return;
  if (event.key === "Escape") {
    field.value = original(field);
    if (field.matches("input")) field.select();
    return;
  }
  if (field.matches("select, [role=combobox]") && event.key !== "Enter") return;
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const next = below(field, step);
  if (next) goTo(next);
  else field.blur();
}

/** What a person changed after the request left must survive the row that comes back. */
function beforeSwap(event) {
  const row = event.detail.target;
  if (!row.matches?.("table.grid tbody tr") || !event.detail.shouldSwap) return;
  const left = sent.get(row) ?? {};
  const active = row.contains(document.activeElement) ? document.activeElement : null;
  wasIn = {
    id: row.id,
    name: active?.name,
    selection: active?.matches("input[type=text]") ? [active.selectionStart, active.selectionEnd] : null,
    newer: Object.entries(valuesOf(row)).filter(([name, value]) => name in left && value !== left[name]),
  };
}

function afterSwap() {
  if (!wasIn) return;
  const { id, name, selection, newer } = wasIn;
  wasIn = null;
  const row = document.getElementById(id);
  if (!row) return;
  const field = (wanted) => fieldsOf(row).find((candidate) => candidate.name === wanted);
  // Whoever has gone on meanwhile, by Tab or by mouse, has left the field: nothing else will say so. htmx may have gone
  // back to it already, but restores no selection that begins at the first sign.
  const now = document.activeElement;
  const stays = !now || now === document.body || (name !== undefined && now === field(name));
  for (const [changed, value] of newer) {
    const target = field(changed);
    if (!target) continue;
    target.value = value;
    if (changed === name && stays) target.dataset.unsaved = "";
    else target.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (name && stays) {
    const target = field(name);
    target?.focus();
    if (selection && target?.setSelectionRange) target.setSelectionRange(...selection);
  }
}

/** What was typed while the page was still loading is saved like everything else. */
function catchUp() {
  for (const row of all("table.grid tbody tr[hx-post]")) {
    const typed = fieldsOf(row).find((field) => !row.contains(document.activeElement) && field.value !== original(field));
    typed?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export function start() {
  document.addEventListener("keydown", move);
  // After htmx, which looks at the page in the same event.
  document.addEventListener("htmx:load", () => setTimeout(catchUp, 0), { once: true });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = rowOf(event.detail.elt);
    if (!row) return;
    sent.set(row, valuesOf(row));
    row.classList.add("saving");
  });
  document.addEventListener("htmx:afterRequest", (event) => rowOf(event.detail.elt)?.classList.remove("saving"));
  document.addEventListener("htmx:beforeSwap", beforeSwap);
  // afterSettle, because htmx itself moves the focus while it swaps.
  document.addEventListener("htmx:afterSettle", afterSwap);

  // A value that was carried into a new row is no change for the browser, so leaving the field says it.
  document.addEventListener("focusout", (event) => {
    const field = event.target;
    if (!field.matches?.("table.grid [data-unsaved]")) return;
    delete field.dataset.unsaved;
    if (field.value !== original(field)) field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("table.grid [data-unsaved]")) delete event.target.dataset.unsaved;
  }, true);
}
