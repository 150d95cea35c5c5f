// The one entry of every page: starts each module. A module listens on the document, so that what
// htmx puts into the page later works without being wired again.
import { start as requests } from "./requests.js";
import { start as theme } from "./theme.js";
import { start as menus } from "./menus.js";
import { start as tabs } from "./tabs.js";
import { start as toast } from "./toast.js";
import { start as leaving } from "./leaving.js";
import { start as confirm } from "./confirm.js";
import { start as password } from "./password.js";
import { start as shortcuts } from "./shortcuts.js";
import { start as palette } from "./palette.js";
import { start as grid } from "./grid.js";
import { start as paste } from "./paste.js";
import { start as inbox } from "./inbox.js";
import { start as desk } from "./desk.js";
import { start as lookup } from "./lookup.js";
import { start as filters } from "./filters.js";
import { start as select } from "./select.js";
import { start as charts } from "./charts.js";
import { start as dirty } from "./dirty.js";
import { start as errors } from "./errors.js";
import { start as tree } from "./tree.js";

// leaving before all that acts on a click; confirm before password: a person says "yes, this" first and signs second.
const modules = [
  requests, theme, menus, tabs, toast, leaving, confirm, password, shortcuts, palette, grid,
  paste, inbox, desk, lookup, filters, select, charts, dirty, errors, tree,
];

for (const start of modules) {
  start();
}
document.documentElement.dataset.ready = "";
