// data-select-all="form-id" ticks every box [data-row] that belongs to that form; data-needs-rows on a button
// keeps it off until a box is ticked, and [data-row-count] inside it says how many.
import { all, one } from "./dom.js";

const boxes = (form) => all(`input[data-row][form="${CSS.escape(form)}"]`);

function count(form) {
  const ticked = boxes(form).filter((box) => box.checked).length;
  for (const button of all(`[data-needs-rows][form="${CSS.escape(form)}"]`)) {
    button.disabled = ticked === 0;
    const number = one("[data-row-count]", button);
    if (number) number.textContent = ticked ? ` ${ticked}` : "";
  }
  const head = one(`input[data-select-all="${CSS.escape(form)}"]`);
  if (head) {
    head.checked = ticked > 0 && ticked === boxes(form).length;
    head.indeterminate = ticked > 0 && !head.checked;
  }
}

export function start() {
  for (const form of new Set(all("[data-needs-rows]").map((button) => button.getAttribute("form")))) count(form);
  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("input[data-select-all]")) {
      for (const box of boxes(target.dataset.selectAll)) box.checked = target.checked;
      count(target.dataset.selectAll);
    } else if (target.matches("input[data-row][form]")) {
      count(target.getAttribute("form"));
    }
  });
}
