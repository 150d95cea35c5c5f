// Small words for the page that several modules need.
// Serves no attribute of its own.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element with properties, data and children: element("li", { role: "option" }, "text"). */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const TYPED_INTO = "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select";

/** True where letters are typed, so a single letter must not be taken for a shortcut. */
// A field that has just been hidden with its dialog still gets the next key.
export const isTyping = (target) => target.checkVisibility?.() && Boolean(target.closest?.(`${TYPED_INTO}, [contenteditable]`));

/** True for what a person can see and reach now. */
export const isUsable = (target) =>
  target.checkVisibility() && !target.disabled && !target.closest("[inert], [aria-busy=true], [aria-disabled=true]");
