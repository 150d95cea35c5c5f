// canvas[data-chart] draws the JSON of the <script type="application/json"> beside it with Chart.js, which is loaded
// only then; data-chart-table="id" on a button swaps the drawing for its table.
import { all, element, one } from "./dom.js";

const LIBRARY = new URL("../../vendor/chart.js-4.6.1/chart.umd.min.js", import.meta.url).href;
const drawn = new Map();
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** A token as a plain colour: the browser resolves light-dark() only where it is used. */
function colour(token) {
  const probe = element("i", { hidden: true });
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function number(value, unit) {
  const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 }).format(value);
  return unit === "$" ? `$${short}` : unit === "%" ? `${short}%` : short;
}

function dataset(series, at, kind, stacked) {
  const type = series.kind ?? kind;
  const ink = colour(series.colour ?? `c${(at % 6) + 1}`);
  const common = { type, label: series.label, data: series.values };
  if (type === "line") {
    const dash = series.dashed ? [4, 4] : [];
    return { ...common, borderColor: series.dashed ? colour("ink") : ink, backgroundColor: ink, borderDash: dash, borderWidth: 1.75, pointRadius: series.dashed ? 0 : 3, pointStyle: series.dashed ? "line" : "circle", order: 0 };
  }
  if (type === "doughnut" || type === "pie") {
    return { ...common, backgroundColor: series.values.map((_, index) => colour(`c${(index % 6) + 1}`)), borderColor: colour("surface"), borderWidth: 2 };
  }
  return { ...common, backgroundColor: ink, borderRadius: 3, pointStyle: "rectRounded", maxBarThickness: 46, order: 1, ...(stacked ? { stack: "all" } : {}) };
}

function settings({ kind = "bar", labels, series, unit = "", stacked = false, sideways = false }) {
  const round = kind === "doughnut" || kind === "pie";
  const numbers = {
    stacked,
    beginAtZero: true,
    grid: { color: colour("line") },
    border: { display: false },
    ticks: { color: colour("muted"), maxTicksLimit: 6, callback: (value) => number(value, unit) },
  };
  const names = { stacked, grid: { display: false }, border: { color: colour("line2") }, ticks: { color: colour("muted") } };
  return {
    type: kind,
    data: { labels, datasets: series.map((one, at) => dataset(one, at, kind, stacked)) },
    options: {
      animation: calm.matches ? false : { duration: 250 },
      maintainAspectRatio: false,
      indexAxis: sideways ? "y" : "x",
      font: { family: "Public Sans" },
      interaction: { mode: "index", intersect: round },
      scales: round ? {} : sideways ? { x: numbers, y: names } : { x: names, y: numbers },
      plugins: {
        legend: {
          display: series.length > 1 || round,
          position: "bottom",
          align: "start",
          labels: { color: colour("muted"), usePointStyle: true, pointStyleWidth: 14, boxHeight: 8, font: { family: "Public Sans" } },
        },
        tooltip: { callbacks: { label: (item) => ` ${item.dataset.label ?? item.label}: ${unit === "$" ? "$" : ""}${Number(item.raw).toLocaleString("en-US")}${unit === "%" ? "%" : ""}` } },
      },
    },
  };
}

async function draw(canvas) {
  if (!globalThis.Chart) await import(LIBRARY);
  const data = canvas.closest("figure, .card, section").querySelector('script[type="application/json"]');
  drawn.get(canvas)?.destroy();
  globalThis.Chart.defaults.font.family = "Public Sans, system-ui, sans-serif";
  drawn.set(canvas, new globalThis.Chart(canvas, settings(JSON.parse(data.textContent))));
}

function drawAll(root = document) {
  for (const canvas of all("canvas[data-chart]", root)) draw(canvas);
}

export function start() {
  drawAll();
  document.addEventListener("theme:changed", () => drawAll());
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const canvas of all("canvas[data-chart]", event.target)) if (!drawn.has(canvas)) draw(canvas);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-table]");
    if (!button) return;
    const figure = document.getElementById(button.dataset.chartTable);
    const table = one("table", figure);
    const picture = one(".draw", figure);
    table.hidden = !table.hidden;
    picture.hidden = !table.hidden;
    one("[data-word]", button).textContent = table.hidden ? "View as table" : "View as chart";
    button.setAttribute("aria-pressed", String(!table.hidden));
  });
}
