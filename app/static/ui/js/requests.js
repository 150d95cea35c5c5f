// What every htmx request needs: the CSRF header from <meta name="csrf-token">, words when it fails,
// and the sign-in page as a page, not inside a table row. Serves every hx-… attribute.
import { one } from "./dom.js";
import { toast } from "./toast.js";

const REASONS = {
  400: "This page is too old, or your visit has ended, and nothing was saved. Load the page again.",
  403: "You may not do that. Nothing was changed.",
  404: "That record is no longer there. Load the page again.",
  409: "Somebody else changed this meanwhile, and nothing was saved. Load the page again.",
  413: "That is too large to send.",
  429: "Too many requests at once. Wait a moment and try again.",
};

export function start() {
  document.addEventListener("htmx:configRequest", (event) => {
    const token = one("meta[name=csrf-token]")?.content;
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = new URL(event.detail.xhr.responseURL || location.href, location.href);
    if (answered.pathname.startsWith("/login")) {
      event.detail.shouldSwap = false;
      location.assign(`/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });

  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(REASONS[status] ?? "That did not work, and nothing was saved. Try again, or load the page again.");
  });

  document.addEventListener("htmx:sendError", () => {
    toast("No connection. What you typed is still here, but it is not saved.");
  });
}
