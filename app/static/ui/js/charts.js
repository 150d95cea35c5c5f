// canvas[data-chart] draws the JSON of the <script type="application/json"> beside it with Chart.js, which is loaded
// only then; data-chart-table="id" on a button swaps the drawing for its table.
import { all, element, one } from "./dom.js";

const LIBRARY = new URL("../../vendor/chart.js-4.6.1/chart.umd.min.js", import.meta.url).href;
const FONT = "Public Sans, system-ui, sans-serif";
const COLOURS = 6;
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

const nth = (at) => colour(`c${(at % COLOURS) + 1}`);
const signed = (text, unit) => (unit === "$" ? `$${text}` : unit === "%" ? `${text}%` : text);
const short = (value, unit) =>
  signed(new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 }).format(value), unit);
const full = (value, unit) => signed(Number(value).toLocaleString("en-US"), unit);

/** How each kind of series looks; a dashed line is a plan, which the others are held against. */
const LOOKS = {
  bar: (series, ink, { stacked }) => ({
    backgroundColor: ink,
    borderRadius: 3,
    maxBarThickness: 46,
    order: 1,
    pointStyle: "rectRounded",
    ...(stacked ? { stack: "all" } : {}),
  }),
  line: (series, ink) => ({
    backgroundColor: ink,
    borderColor: series.dashed ? colour("ink") : ink,
    borderDash: series.dashed ? [4, 4] : [],
    borderWidth: 1.75,
    order: 0,
    pointRadius: series.dashed ? 0 : 3,
    pointStyle: series.dashed ? "line" : "circle",
  }),
  pie: (series) => ({
    backgroundColor: series.values.map((_, at) => nth(at)),
    borderColor: colour("surface"),
    borderWidth: 2,
  }),
};
LOOKS.doughnut = LOOKS.pie;

/** A name beside a bar may take a third of the width; the table has it whole. */
function curtailed(value) {
  const name = this.getLabelForValue(value);
  const room = Math.floor(this.chart.width / 3 / 6.5);
  return name.length > room ? `${name.slice(0, room - 1).trim()}…` : name;
}

function scales({ stacked = false, sideways = false, unit = "" }) {
  const numbers = {
    stacked,
    beginAtZero: true,
    grid: { color: colour("line") },
    border: { display: false },
    ticks: { color: colour("muted"), maxTicksLimit: 6, callback: (value) => short(value, unit) },
  };
  const names = {
    stacked,
    grid: { display: false },
    border: { color: colour("line2") },
    ticks: { color: colour("muted"), ...(sideways ? { callback: curtailed } : {}) },
  };
  return sideways ? { x: numbers, y: names } : { x: names, y: numbers };
}

function plugins(isRound, { series, unit = "" }) {
  const labels = { color: colour("muted"), usePointStyle: true, pointStyleWidth: 14, boxHeight: 8 };
  return {
    legend: { display: isRound || series.length > 1, position: "bottom", align: "start", labels },
    tooltip: {
      callbacks: { label: (item) => ` ${item.dataset.label ?? item.label}: ${full(item.raw, unit)}` },
    },
  };
}

function settings(drawing) {
  const kind = drawing.kind ?? "bar";
  const isRound = LOOKS[kind] === LOOKS.pie;
  const datasets = drawing.series.map((series, at) => {
    const type = series.kind ?? kind;
    return { type, label: series.label, data: series.values, ...LOOKS[type](series, nth(at), drawing) };
  });
  return {
    type: kind,
    data: { labels: drawing.labels, datasets },
    options: {
      animation: calm.matches ? false : { duration: 250 },
      maintainAspectRatio: false,
      indexAxis: drawing.sideways ? "y" : "x",
      interaction: { mode: "index", intersect: isRound },
      scales: isRound ? {} : scales(drawing),
      plugins: plugins(isRound, drawing),
    },
  };
}

async function draw(canvas) {
  if (!globalThis.Chart) await import(LIBRARY);
  globalThis.Chart.defaults.font.family = FONT;
  const drawing = one('script[type="application/json"]', canvas.closest("figure"));
  drawn.get(canvas)?.destroy();
  drawn.set(canvas, new globalThis.Chart(canvas, settings(JSON.parse(drawing.textContent))));
}

function swap(button) {
  const figure = document.getElementById(button.dataset.chartTable);
  const table = one("table", figure);
  table.hidden = !table.hidden;
  one(".draw", figure).hidden = !table.hidden;
  one("[data-word]", button).textContent = table.hidden ? "View as table" : "View as chart";
  button.setAttribute("aria-pressed", String(!table.hidden));
}

export function start() {
  const drawAll = () => all("canvas[data-chart]").forEach(draw);
  drawAll();
  document.addEventListener("theme:changed", drawAll);
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const canvas of all("canvas[data-chart]", event.target)) if (!drawn.has(canvas)) draw(canvas);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-chart-table]");
    if (button) swap(button);
  });
}
