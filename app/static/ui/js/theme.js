// data-theme-toggle switches light and dark, data-density-toggle switches dense and roomy rows.
// Both are remembered in a cookie, which the server reads, so that a page never flashes.
import { one } from "./dom.js";

const YEAR = 60 * 60 * 24 * 365;
const page = document.documentElement;

function remember(name, value) {
  page.dataset[name] = value;
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
  document.dispatchEvent(new CustomEvent(`${name}:changed`));
}

function themeNow() {
  return page.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function name(button) {
  const next = themeNow() === "dark" ? "light" : "dark";
  button?.setAttribute("aria-label", `Switch to ${next} theme`);
}

export function start() {
  name(one("[data-theme-toggle]"));
  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-theme-toggle]");
    if (theme) {
      remember("theme", themeNow() === "dark" ? "light" : "dark");
      name(theme);
    }
    if (event.target.closest("[data-density-toggle]")) {
      remember("density", page.dataset.density === "roomy" ? "dense" : "roomy");
    }
  });
}
