// form[data-signs="ask"] asks the password in <dialog id="password-dialog"> before it is sent, because
// the act counts as a signature. data-signs-comment="optional" or "required" asks for a comment too.
// The fields of the dialog join the form for one request (attribute form) and are emptied afterwards.
import { one } from "./dom.js";

const signed = new WeakSet();
let counter = 0;

function part(dialog) {
  return {
    password: one("input[name=password]", dialog),
    comment: one("textarea[name=comment]", dialog),
    commentRow: one("[data-comment-row]", dialog),
    title: one("[data-title]", dialog),
    problem: one("[data-problem]", dialog),
  };
}

function lend(fields, form) {
  form.id ||= `signed-form-${++counter}`;
  for (const field of fields) field.setAttribute("form", form.id);
}

function takeBack(fields) {
  for (const field of fields) {
    field.removeAttribute("form");
    field.value = "";
  }
}

function ask(form, submitter) {
  const dialog = one("#password-dialog");
  const { password, comment, commentRow, title, problem } = part(dialog);
  const wish = submitter?.dataset.signsComment ?? form.dataset.signsComment ?? "none";
  const lent = wish === "none" ? [password] : [password, comment];
  title.textContent = submitter?.dataset.signsTitle ?? form.dataset.signsTitle ?? "Sign with your password";
  commentRow.hidden = wish === "none";
  one("[data-comment-need]", dialog).textContent = wish === "required" ? "required" : "";
  problem.hidden = true;
  takeBack([password, comment]);

  one("[data-sign]", dialog).onclick = () => {
    const missing = !password.value ? [password, "Type your password."]
      : wish === "required" && !comment.value.trim() ? [comment, "Write why, so that the other side knows what to change."]
        : null;
    if (missing) {
      problem.hidden = false;
      one("span", problem).textContent = missing[1];
      missing[0].focus();
      return;
    }
    lend(lent, form);
    dialog.close("signed");
    signed.add(form);
    form.requestSubmit(submitter);
    setTimeout(() => takeBack([password, comment]), 0);
  };
  dialog.showModal();
  password.focus();
}

export function start() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.signs !== "ask" && event.submitter?.dataset.signs !== "ask") return;
    if (signed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter);
  }, true);

  document.addEventListener("keydown", (event) => {
    const dialog = event.target.closest?.("#password-dialog");
    if (!dialog || event.key !== "Enter" || event.target.matches("button")) return;
    if (event.target.matches("textarea") && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    one("[data-sign]", dialog).click();
  });
}
