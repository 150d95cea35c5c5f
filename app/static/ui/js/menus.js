// details.menu closes when one clicks elsewhere or presses Escape, and with data-first-field the cursor goes into its
// first field when it opens; data-side-toggle opens the sidebar on a narrow screen; data-dismiss takes away the note
// (.alert) that it stands in. The view of a list (.views) that is open is scrolled to.
import { all, one } from "./dom.js";

function closeMenus(except) {
  for (const menu of all("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function showSide(open) {
  const side = one(".side");
  if (!side) return;
  side.classList.toggle("on", open);
  for (const button of all("[data-side-toggle]")) button.setAttribute("aria-expanded", String(open));
  if (open) one("a", side)?.focus();
}

export function start() {
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    if (event.target.closest("[data-dismiss]")) event.target.closest(".alert")?.remove();
    const isOpen = one(".side")?.classList.contains("on");
    if (event.target.closest("[data-side-toggle]")) showSide(!isOpen);
    else if (isOpen && !event.target.closest(".side")) showSide(false);
  });

  one(".views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  // A toggle does not bubble.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-first-field][open]")) one("input[type=text]", event.target)?.select();
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.menu[open]");
    closeMenus();
    open?.querySelector("summary").focus();
    if (one(".side")?.classList.contains("on")) {
      showSide(false);
      one("[data-side-toggle]")?.focus();
    }
  });
}
