// A link or a button beside table.grid waits until the rows are saved: who types a price and presses Validate at once
// has that price validated. A cell that was refused is shown before somebody goes on without it.
import { all, one } from "./dom.js";
import { toast } from "./toast.js";

const ROW = "table.grid tbody tr[hx-post]";
const AWAY = "a[href]:not([href^='#'], [target=_blank], [download]), button[type=submit], button:not([type]), [hx-get], [hx-post]";
const LOOK_EVERY = 40;
const QUIET_LOOKS = 3; // a row that comes back sends what was typed meanwhile a moment later
const AT_MOST = 15_000;
const goingOn = new WeakSet();
let failed = false;
let told = "";

const isSaving = () => Boolean(one(`${ROW}.saving, ${ROW} [data-unsaved]`));
const refused = () => all(`${ROW} [aria-invalid=true]`);

/** Leaves the cell that somebody is in, so that its row is sent, and waits until no row is under way. */
function saved() {
  document.activeElement?.closest?.(ROW) && document.activeElement.blur();
  failed = false;
  return new Promise((done) => {
    const until = Date.now() + AT_MOST;
    let quiet = 0;
    const look = () => {
      quiet = isSaving() ? 0 : quiet + 1;
      if (failed || Date.now() > until) done(false);
      else if (quiet >= QUIET_LOOKS) done(true);
      else setTimeout(look, LOOK_EVERY);
    };
    look();
  });
}

/** True when somebody has seen these refused cells already and wants to go without them. */
function knows(cells) {
  const now = cells.map((cell) => `${cell.id}=${cell.value}`).join("&");
  if (now === told) return true;
  told = now;
  return false;
}

/** The same link or button after its row has come back from the server. */
function again(target) {
  if (target.isConnected) return target;
  const name = ["id", "hx-post", "hx-get", "href"].find((attribute) => target.hasAttribute(attribute));
  return name && one(`[${name}="${CSS.escape(target.getAttribute(name))}"]`);
}

async function leave(target) {
  target.setAttribute("aria-busy", "true");
  const isSaved = await saved();
  target.removeAttribute("aria-busy");
  if (!isSaved) return;
  const cells = refused();
  if (cells.length && !knows(cells)) {
    cells[0].focus();
    toast(`${cells[0].getAttribute("aria-label")} is not saved. Correct it, or press again to go on without it.`);
    return;
  }
  const there = again(target);
  if (!there) return;
  goingOn.add(there);
  there.click();
}

export function start() {
  // Before confirm, password and htmx act on it.
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.(AWAY);
    if (!target || target.matches(ROW) || goingOn.delete(target)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (!isSaving() && !refused().length && !document.activeElement?.closest?.(ROW)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    leave(target);
  }, true);

  for (const name of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      if (event.detail.elt?.matches?.(ROW) && event.detail.xhr?.status !== 422) failed = true;
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (isSaving()) event.preventDefault();
  });
}
