// .picker[data-picker][data-url="/vendor/lookup/vendor"]: type to find, choose one. The visible input is a combobox,
// the hidden one carries the id. data-url answers ?q=… with {"results": [{"id", "text", "hint"}], "more": true}.
import { all, element, one } from "./dom.js";

const WAIT = 150;
const CHOOSE = "Choose one from the list.";
const state = new WeakMap();

function partsOf(picker) {
  let parts = state.get(picker);
  if (parts) return parts;
  const input = one("[role=combobox]", picker);
  const list = one("[role=listbox]", picker);
  parts = {
    picker, input, list,
    hidden: one("input[type=hidden]", picker),
    live: one("[data-live]", picker),
    problem: one("[data-problem]", picker),
    described: input.getAttribute("aria-describedby"),
    chosenText: input.value,
    results: [],
    active: -1,
    timer: 0,
    asked: 0,
  };
  state.set(picker, parts);
  return parts;
}

function complain(parts, wrong) {
  const { input, problem, described } = parts;
  problem.hidden = !wrong;
  if (wrong) {
    one("span", problem).textContent = CHOOSE;
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", [problem.id, described].filter(Boolean).join(" "));
  } else {
    input.removeAttribute("aria-invalid");
    if (described) input.setAttribute("aria-describedby", described);
    else input.removeAttribute("aria-describedby");
  }
}

function set(parts, id, text) {
  const changed = parts.hidden.value !== String(id);
  parts.hidden.value = id;
  parts.chosenText = text;
  parts.input.value = text;
  complain(parts, false);
  if (changed) parts.hidden.dispatchEvent(new Event("change", { bubbles: true }));
}

function close(parts) {
  parts.list.hidden = true;
  parts.active = -1;
  parts.input.setAttribute("aria-expanded", "false");
  parts.input.removeAttribute("aria-activedescendant");
}

function highlight(parts, at) {
  parts.active = at;
  for (const [index, option] of all("[role=option]", parts.list).entries()) {
    option.setAttribute("aria-selected", String(index === at));
    if (index === at) {
      parts.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  }
  if (at < 0) parts.input.removeAttribute("aria-activedescendant");
}

function show(parts, results, more) {
  parts.results = results;
  parts.list.replaceChildren(...results.map((result, at) => element(
    "li",
    { role: "option", id: `${parts.list.id}-${at}`, "aria-selected": "false", "data-at": at },
    result.text,
    ...(result.hint ? [element("small", {}, result.hint)] : []),
  )));
  const remark = !results.length ? "Nothing found" : more ? "Type more to narrow the list" : "";
  parts.live.textContent = results.length ? `${results.length} found. ${remark}` : remark;
  if (remark) {
    // A list of options may hold nothing but options, so the remark is one that nobody can choose.
    const still = { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "picker-note" };
    parts.list.append(element("li", still, remark));
  }
  parts.list.hidden = false;
  parts.input.setAttribute("aria-expanded", "true");
  highlight(parts, -1);
}

async function ask(parts) {
  const number = ++parts.asked;
  const url = new URL(parts.picker.dataset.url, location.href);
  url.searchParams.set("q", parts.input.value.trim());
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const body = await answer.json();
    // An answer to letters that have changed since is stale.
    if (number !== parts.asked || document.activeElement !== parts.input) return;
    show(parts, Array.isArray(body) ? body : body.results, Boolean(body.more));
  } catch {
    if (number === parts.asked) parts.live.textContent = "The list could not be loaded.";
  }
}

function later(parts) {
  clearTimeout(parts.timer);
  parts.timer = setTimeout(() => ask(parts), WAIT);
}

function choose(parts, at) {
  const result = parts.results[at];
  if (!result) return;
  parts.asked += 1;
  clearTimeout(parts.timer);
  set(parts, result.id, result.text);
  close(parts);
}

/** Leaving the field: emptied means no choice; words that were not chosen stay, and are marked. */
function settle(parts) {
  clearTimeout(parts.timer);
  parts.asked += 1;
  close(parts);
  const typed = parts.input.value.trim();
  if (!typed) set(parts, "", "");
  else complain(parts, typed !== parts.chosenText);
}

function typed(parts) {
  if (parts.input.value.trim() !== parts.chosenText) parts.hidden.value = "";
  if (!parts.input.value.trim()) {
    set(parts, "", "");
    close(parts);
    clearTimeout(parts.timer);
    parts.asked += 1;
  } else {
    later(parts);
  }
}

function pressed(parts, event) {
  const isOpen = parts.input.getAttribute("aria-expanded") === "true";
  const count = parts.results.length;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = event.key === "ArrowDown" ? parts.active + 1 : Math.max(parts.active, 0) - 1;
    if (!isOpen) later(parts);
    else if (count) highlight(parts, (next + count) % count);
  } else if (event.key === "Enter" && isOpen) {
    event.preventDefault();
    choose(parts, parts.active < 0 && count === 1 ? 0 : parts.active);
  } else if (event.key === "Escape") {
    event.preventDefault();
    if (isOpen) close(parts);
    else set(parts, "", "");
  } else if (event.key === "Tab" && isOpen && parts.active >= 0) {
    choose(parts, parts.active);
  }
}

export function start() {
  const pickerOf = (target) => target.closest?.("[data-picker]");
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-picker] [role=combobox]")) typed(partsOf(pickerOf(event.target)));
  });
  // In the capture phase: an open list takes Enter, Escape and the arrows before a grid or a dialog does.
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.("[data-picker] [role=combobox]")) pressed(partsOf(pickerOf(event.target)), event);
  }, true);
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-picker] [role=combobox]")) partsOf(pickerOf(event.target));
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-picker] [role=combobox]")) settle(partsOf(pickerOf(event.target)));
  });
  // mousedown, because the click would come after the field has lost the focus and the list is gone.
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-picker] [role=option]");
    if (!option) return;
    event.preventDefault();
    if (option.dataset.at) choose(partsOf(pickerOf(option)), Number(option.dataset.at));
  });
}
