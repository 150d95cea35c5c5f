// The filter panel of a list (form.filters): data-add-filter="status" adds a row from <template data-filter="status">,
// choosing an operator renames the value to _flt_<operator>_<column>, data-remove-filter takes the row away.
import { all, one } from "./dom.js";

let added = 0;

function rename(row) {
  const operator = one("select[data-operator]", row).value;
  const name = `_flt_${operator}_${row.dataset.column}`;
  for (const field of all("[data-value], .picker input[type=hidden]", row)) field.name = name;
}

/** The same column can be filtered twice, so a row that comes from a template needs ids of its own. */
function renumber(row) {
  added += 1;
  for (const part of all("[id]", row)) part.id += `-${added}`;
  for (const part of all("[aria-controls]", row)) {
    part.setAttribute("aria-controls", `${part.getAttribute("aria-controls")}-${added}`);
  }
}

function add(button) {
  const form = button.closest("form.filters");
  const template = one(`template[data-filter="${CSS.escape(button.dataset.addFilter)}"]`, form);
  const row = template.content.firstElementChild.cloneNode(true);
  one("[data-filter-rows]", form).append(row);
  renumber(row);
  rename(row);
  one("[data-value], [role=combobox]", row)?.focus();
}

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-filter]");
    if (button) add(button);
    const remove = event.target.closest("[data-remove-filter]");
    if (remove) {
      const form = remove.closest("form");
      remove.closest(".filter-row").remove();
      one("button[type=submit]", form)?.focus();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-operator]")) rename(event.target.closest(".filter-row"));
  });
}
