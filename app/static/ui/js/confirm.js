// data-confirm="text" on a form or a button asks before it goes on; data-confirm-button="Delete" names
// the answer. The question is asked in <dialog id="confirm-dialog">.
import { one } from "./dom.js";

const agreed = new WeakSet();

/** Notes that the next submit of this form needs no question, because it was answered already. */
export const agree = (form) => agreed.add(form);

function ask(asker, goOn) {
  const dialog = one("#confirm-dialog");
  one("[data-say]", dialog).textContent = asker.dataset.confirm;
  const yes = one("[data-yes]", dialog);
  yes.textContent = asker.dataset.confirmButton || "Continue";
  yes.classList.toggle("btn-danger", asker.dataset.confirmTone !== "calm");
  yes.classList.toggle("btn-primary", asker.dataset.confirmTone === "calm");
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (dialog.returnValue === "yes") goOn();
  };
  dialog.showModal();
}

export function start() {
  // In the capture phase, before htmx or the browser acts on it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asker = event.submitter?.dataset.confirm ? event.submitter : form;
    const isAnswered = agreed.delete(form);
    if (!asker.dataset.confirm || isAnswered) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    ask(asker, () => {
      agreed.add(form);
      form.requestSubmit(submitter);
    });
  }, true);

  document.addEventListener("click", (event) => {
    const asker = event.target.closest("a[data-confirm], button[type=button][data-confirm]");
    if (!asker) return;
    if (agreed.delete(asker)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(asker, () => {
      agreed.add(asker);
      asker.click();
    });
  }, true);
}
