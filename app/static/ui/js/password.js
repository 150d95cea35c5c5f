// form[data-signs="code"] asks the authenticator's code alone; the server puts its field in the dialog when one is due.
// form[data-signs="ask"] asks the password in <dialog id="password-dialog"> before it is sent, because the act counts
// as a signature; data-signs="reason" asks only why. data-signs-comment="optional" or "required" wants words with it.
// The fields of the dialog join the form for one request (attribute form) and are emptied afterwards.
import { one } from "./dom.js";
import { agree } from "./confirm.js";

const signed = new WeakSet();
let counter = 0;

/** What the form, or the button that was pressed, wants: the button has the last word. */
function wishOf(form, submitter) {
  const said = (name) => submitter?.dataset[name] ?? form.dataset[name];
  const signs = said("signs") ?? "";
  return {
    password: signs === "ask",
    comment: said("signsComment") ?? (signs === "reason" ? "required" : "none"),
    title: said("signsTitle") ?? { ask: "Sign with your password", code: "Your code" }[signs] ?? "Say why",
    verb: signs === "reason" ? said("signsTitle") ?? "Continue" : "Continue",
    about: said("signsAsks") ?? "",
    code: signs === "code" || signs === "ask",
    asks: signs === "ask" || signs === "reason" || (signs === "code" && Boolean(one("#signing-code"))),
  };
}

function takeBack(fields) {
  for (const field of fields) {
    field.removeAttribute("form");
    field.value = "";
  }
}

function missing(wish, password, comment, code) {
  if (wish.password && !password.value) return [password, "Type your password."];
  if (wish.code && code && !code.value.trim()) return [code, "Enter the code that your authenticator shows now."];
  if (wish.comment === "required" && !comment.value.trim()) {
    return [comment, "Write why, so that the other side knows what to change."];
  }
  return null;
}

function prepare(dialog, wish) {
  one("[data-title]", dialog).textContent = wish.title;
  const codes = one("[data-code-row]", dialog);
  if (codes) codes.hidden = !wish.code;
  one("[data-signature]", dialog).hidden = !wish.password;
  one("[data-password-row]", dialog).hidden = !wish.password;
  one("[data-comment-row]", dialog).hidden = wish.comment === "none";
  one("[data-comment-need]", dialog).textContent = wish.comment === "required" ? "required" : "";
  one("[data-word]", dialog).textContent = wish.password ? "Sign" : wish.verb;
  one("[data-problem]", dialog).hidden = true;
  one("[data-asks]", dialog).textContent = wish.about;
  one("[data-asks]", dialog).hidden = !wish.about;
}

function ask(form, submitter, wish) {
  const dialog = one("#password-dialog");
  const password = one("input[name=password]", dialog);
  const comment = one("textarea[name=comment]", dialog);
  const code = one("input[name=code]", dialog);
  const fields = [password, comment, ...(code ? [code] : [])];
  takeBack(fields);
  prepare(dialog, wish);

  one("[data-sign]", dialog).onclick = () => {
    const problem = missing(wish, password, comment, code);
    if (problem) {
      one("[data-problem] span", dialog).textContent = problem[1];
      one("[data-problem]", dialog).hidden = false;
      problem[0].focus();
      return;
    }
    form.id ||= `signed-form-${++counter}`;
    if (wish.password) password.setAttribute("form", form.id);
    if (wish.code && code) code.setAttribute("form", form.id);
    if (wish.comment !== "none") comment.setAttribute("form", form.id);
    dialog.close("signed");
    signed.add(form);
    agree(form);
    form.requestSubmit(submitter);
    setTimeout(() => takeBack(fields), 0);
  };
  dialog.showModal();
  (wish.password ? password : wish.code && code ? code : comment).focus();
}

export function start() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const wish = wishOf(form, event.submitter);
    if (!wish.asks) return;
    if (signed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter, wish);
  }, true);

  document.addEventListener("keydown", (event) => {
    const dialog = event.target.closest?.("#password-dialog");
    if (!dialog || event.key !== "Enter" || event.target.matches("button")) return;
    if (event.target.matches("textarea") && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    one("[data-sign]", dialog).click();
  });
}
