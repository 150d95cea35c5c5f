// Ctrl+V of rows copied from a spreadsheet, anywhere on a page with form#paste-form: they are sent to be looked at.
// One cell pasted into a field is typed there, as ever; and so is everything in a field outside the grid.
import { isTyping, one } from "./dom.js";
import { toast } from "./toast.js";

const MOST = 450_000;
const WAIT = 50;
const LONGEST = 60;

/** Several cells: a tab or a line end between them. */
const isRows = (text) => /[\t\n]/.test(text.replace(/\s+$/, ""));

/** A row of the grid that is being saved is waited for: leaving the page would end it. */
function send(form, tries = 0) {
  if (tries < LONGEST && one("table.grid tr.saving")) setTimeout(() => send(form, tries + 1), WAIT);
  else form.requestSubmit();
}

function pasted(event) {
  const form = one("form#paste-form");
  if (!form || one("dialog[open]")) return;
  const field = event.target.closest?.("input, select, textarea");
  const inGrid = field?.closest("table.grid.lines");
  if (!inGrid && (isTyping(event.target) || form.closest("[role=tabpanel][hidden]"))) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!isRows(text)) return;
  event.preventDefault();
  if (new TextEncoder().encode(text).length > MOST) {
    toast("That is too much to paste at once. Add the rows in parts, or as a file.");
    return;
  }
  one("[name=text]", form).value = text;
  one("[name=first]", form).value = (field?.name ?? "").replace(/_text$/, "");
  if (inGrid) document.activeElement?.blur();
  send(form);
}

export function start() {
  document.addEventListener("paste", pasted);
}
