// ---- charts, drawn by plotly once the page is ready: those nearest to what is being read come first
const NARROW = 560;
let printing = false;

function recolored(value, swap) {
  if (typeof value === "string") {
    if (swap[value]) return swap[value];
    const rgba = /^rgba\((\d+),(\d+),(\d+),([\d.]+)\)$/.exec(value);
    if (!rgba) return value;
    const hex = "#" + rgba.slice(1, 4).map((n) => (+n).toString(16).padStart(2, "0")).join("");
    if (!swap[hex]) return value;
    const parts = [1, 3, 5].map((i) => parseInt(swap[hex].slice(i, i + 2), 16));
    return `rgba(${parts.join(",")},${rgba[4]})`;
  }
  if (Array.isArray(value)) return value.map((item) => recolored(item, swap));
  if (value && typeof value === "object" && !value.bdata)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recolored(item, swap)]));
  return value;
}

async function draw(plot) {
  const chart = charts.charts[plot.dataset.chart];
  const narrow = plot.clientWidth < NARROW;
  const picked = narrow ? { data: chart.narrow.data || chart.data, layout: chart.narrow.layout } : chart;
  const swap = dark.matches && !printing ? charts.colors : {};
  const style = getComputedStyle(root);
  const ink = style.getPropertyValue("--ink").trim(), card = style.getPropertyValue("--card").trim();
  const layout = { ...recolored(picked.layout, swap) };
  delete layout.title;
  layout.margin = { ...layout.margin, t: picked.layout.margin.t - 60 };
  layout.height = picked.layout.height - 60;
  layout.font = { ...layout.font, color: ink };
  layout.hoverlabel = { ...layout.hoverlabel, bgcolor: card, bordercolor: style.getPropertyValue("--soft").trim(), font: { color: ink, size: 13 } };
  plot.style.minHeight = `${layout.height}px`;
  const data = linked(plot.dataset.chart, recolored(picked.data, swap), ink);
  if (plot.dataset.chart === "trends") sayView(plot);
  const isNew = !plot.data;
  await Plotly.react(plot, data, { ...layout, width: plot.clientWidth }, { responsive: false, displayModeBar: false, scrollZoom: false, doubleClick: false });
  if (isNew) listen(plot);
}
function drawn() { return [...document.querySelectorAll(".plot")].filter((plot) => plot.data); }
function redrawCharts() { return Promise.all(drawn().map(draw)); }

function listen(plot) {
  if (plot.dataset.chart === "several")
    plot.on("plotly_click", (event) => { const id = event.points[0].id; if (id) openPaper(paperNumber(id.split("#")[0])); });
  if (plot.dataset.chart === "trends") {
    seeing.observe(plot);
    plot.on("plotly_click", (event) => { const { data, x } = event.points[0]; if (data.meta) change({ theme: data.meta, from: x, to: x }); });
  }
}

// ---- the trends follow the view: other themes than the chosen one step back, and the papers shown draw a line of their own
const FAINT = 0.2;
function linked(name, data, ink) {
  if (name !== "trends" || !isFiltered()) return data;
  const traces = view.theme ? data.map((trace) => (trace.meta === view.theme ? trace : { ...trace, opacity: FAINT })) : [...data];
  if (FILTERS.every((field) => field === "theme" || !view[field])) return traces;
  const n = pack.periods.length, totals = new Uint32Array(n), counts = pack.themes.map(() => new Uint32Array(n));
  for (const period of pack.papers.period) if (period >= 0) totals[period]++;
  for (const i of order) if (pack.papers.period[i] >= 0 && firstTheme(i) >= 0) counts[firstTheme(i)][pack.papers.period[i]]++;
  pack.themes.forEach((theme, number) => {
    const beside = data.find((trace) => trace.meta === theme.key);
    if (!beside || (view.theme && view.theme !== theme.key)) return;
    traces.push({
      type: "scatter", mode: "lines+markers", x: pack.periods, y: Array.from(counts[number], (count, period) => (totals[period] ? count / totals[period] : null)),
      xaxis: beside.xaxis, yaxis: beside.yaxis, meta: theme.key, line: { color: ink, width: 1.6 }, marker: { color: ink, size: 4 },
      customdata: Array.from(counts[number], (count, period) => `${count} of ${totals[period]}`), hovertemplate: "shown, %{x}: %{customdata}<extra></extra>",
    });
  });
  return traces;
}
function sayView(plot) {
  const figure = plot.closest("figure");
  if (!figure.querySelector(".linked")) plot.before(make("p", { class: "small linked" }));
  figure.querySelector(".linked").textContent = !isFiltered() ? "" : FILTERS.every((field) => field === "theme" || !view[field])
    ? "The chosen theme stands out." : `Dark line: the ${counted(order.length, "paper")} shown, as a share of all papers of the period.`;
}
// Drawing takes longer than a keystroke may: the trends follow once they are near the window, and the typing rests.
const late = new Map();
let resting;
const seeing = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) late.set(target, { ...late.get(target), isNear: isIntersecting });
  drawLate();
}, { rootMargin: "600px" });
function drawLate() {
  for (const [plot, state] of late) if (state.isNear && state.isLate && plot.data) { late.set(plot, { isNear: true }); draw(plot); }
}
function linkCharts() {
  clearTimeout(resting);
  resting = setTimeout(() => {
    for (const [plot, state] of late) late.set(plot, { ...state, isLate: true });
    drawLate();
  }, 250);
}

// ---- the numbers beside each chart
const N_TOLD = 400;
function showNumbers(details) {
  const name = details.dataset.table, table = charts.tables[name], box = details.querySelector("div");
  if (box.childElementCount) return;
  const few = table.rows.slice(0, N_TOLD);
  const head = make("tr", {}, ...table.columns.map((column) => make("th", { scope: "col" }, column)));
  const body = few.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, quote(cell === null ? "" : String(cell))))));
  box.append(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of the chart: ${name}` },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body))));
  if (table.n_rows > few.length) box.append(make("p", { class: "small" }, `The first ${few.length} of ${counted(table.n_rows, "row")}; `
    + (table.n_rows > table.rows.length ? `the button saves ${table.rows.length.toLocaleString("en")}, and ${name}.csv beside this page has all.` : "the CSV has them all.")));
  box.append(press("Save as CSV", () => {
    const quoted = (cell) => { const text = cell === null ? "" : String(cell); return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; };
    const safe = (cell) => (typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
    const text = [table.columns, ...table.rows].map((cells) => cells.map(safe).map(quoted).join(",")).join("\n") + "\n";
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `${name}.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  }));
}

async function openCharts() {
  charts = await unpack("charts");
  for (const details of document.querySelectorAll(".numbers")) {
    details.addEventListener("toggle", () => showNumbers(details));
    if (details.open) showNumbers(details);
  }
  const waiting = [...document.querySelectorAll(".plot")];
  if (waiting.length) {
    await idle();
    const library = document.createElement("script");
    library.textContent = await inflate("plotly");
    document.head.append(library);
  }
  const away = (plot) => { const { top, bottom } = plot.getBoundingClientRect(); return Math.max(top - innerHeight, -bottom, 0); };
  while (waiting.length) {
    await idle();
    waiting.sort((a, b) => away(b) - away(a));
    await draw(waiting.pop());
  }
  dark.addEventListener("change", redrawCharts);
  let width = innerWidth, timer;
  addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (innerWidth !== width) { width = innerWidth; redrawCharts(); } }, 150);
  });
  addEventListener("beforeprint", () => { printing = true; redrawCharts(); });
  addEventListener("afterprint", () => { printing = false; redrawCharts(); });
}
