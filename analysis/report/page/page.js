"use strict";
// The page is whole without this script, save for the charts and the finder, which it unpacks and draws.
(() => {
  const root = document.documentElement;
  const $ = (selector) => document.querySelector(selector);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const NARROW = 560;
  let pack, printing = false;

  async function inflate(id) {
    const bytes = Uint8Array.from(atob($(`#${id}`).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  // ---- elements, always from text, never from markup
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }
  function glyph(key) {
    const drawn = $(`#${CSS.escape(pack.themes[key].id)} .glyph`);
    return drawn ? drawn.cloneNode(true) : "";
  }
  const own = (text) => make("bdi", text.length > 400 ? { dir: "auto", class: "long" } : { dir: "auto" }, text);

  // ---- charts
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
    const chart = pack.charts[plot.dataset.chart];
    const narrow = plot.clientWidth < NARROW;
    const picked = narrow ? { data: chart.narrow.data || chart.data, layout: chart.narrow.layout } : chart;
    const swap = dark.matches && !printing ? pack.colors : {};
    const style = getComputedStyle(root);
    const ink = style.getPropertyValue("--ink").trim(), card = style.getPropertyValue("--card").trim();
    const layout = { ...recolored(picked.layout, swap) };
    delete layout.title;
    layout.margin = { ...layout.margin, t: picked.layout.margin.t - 60 };
    layout.height = picked.layout.height - 60;
    layout.font = { ...layout.font, color: ink };
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: style.getPropertyValue("--soft").trim(), activecolor: ink };
    layout.hoverlabel = { ...layout.hoverlabel, bgcolor: card, bordercolor: style.getPropertyValue("--soft").trim(), font: { color: ink, size: 13 } };
    plot.style.minHeight = `${layout.height}px`;
    const map = plot.dataset.chart === "map";
    const config = {
      responsive: false, displaylogo: false, displayModeBar: map, scrollZoom: false, doubleClick: map ? "reset" : false,
      modeBarButtons: [["pan2d", "zoom2d", "lasso2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"]], showTips: false,
    };
    await Plotly.react(plot, recolored(picked.data, swap), { ...layout, width: plot.clientWidth }, config);
    if (map) { thinNames(plot); mark(plot); }
  }

  // A name that would cover another steps back; the larger theme's name, drawn first, stays.
  function thinNames(plot) {
    const kept = [];
    for (const name of plot.querySelectorAll(".annotation")) {
      name.style.visibility = "";
      const box = name.getBoundingClientRect();
      const covered = kept.some((k) => box.left < k.right && k.left < box.right && box.top < k.bottom && k.top < box.bottom);
      if (covered) name.style.visibility = "hidden"; else kept.push(box);
    }
  }

  function drawAll() { return Promise.all([...document.querySelectorAll(".plot")].map(draw)); }

  function listen(plot) {
    if (plot.dataset.chart === "map") plot.on("plotly_relayout", () => thinNames(plot));
    if (plot.dataset.chart === "map") plot.on("plotly_selected", (event) => {
      lassoed = event && event.points.length ? new Set(event.points.map((point) => point.id)) : null;
      find();
    });
    if (["map", "several"].includes(plot.dataset.chart))
      plot.on("plotly_click", (event) => { const id = event.points[0].id; if (id) read(id.split("#")[0]); });
  }

  // ---- the numbers beside each chart
  function showNumbers(details) {
    const name = details.dataset.table, table = pack.tables[name], box = details.querySelector("div");
    if (box.childElementCount) return;
    const rows = table.rows.slice(0, 400);
    const head = make("tr", {}, ...table.columns.map((column) => make("th", { scope: "col" }, column)));
    const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, own(cell === null ? "" : String(cell))))));
    box.append(make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of the chart: ${name}` },
      make("table", {}, make("thead", {}, head), make("tbody", {}, ...body))));
    if (table.rows.length > rows.length) box.append(make("p", { class: "small" }, `The first ${rows.length} of ${table.rows.length} rows; the CSV has them all.`));
    const save = make("button", { type: "button" }, "Save as CSV");
    save.addEventListener("click", () => {
      const quoted = (cell) => { const text = cell === null ? "" : String(cell); return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; };
      const safe = (cell) => (typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
      const text = [table.columns, ...table.rows].map((row) => row.map(safe).map(quoted).join(",")).join("\n") + "\n";
      const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `${name}.csv` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
    box.append(save);
  }

  // ---- finder: words and a theme; the address keeps both
  const STEP = 24;
  let matches = null, lassoed = null, shownRows = STEP, order = [], texts = [];
  const letters = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  function find() {
    const form = $("#finder form");
    const wanted = letters(form.q.value).split(/\s+/).filter(Boolean), theme = form.theme.value;
    order = pack.papers.id.map((_, i) => i).filter((i) =>
      wanted.every((word) => texts[i].includes(word)) &&
      (!theme || pack.papers.themes[i].some(([key]) => key === theme)) && (!lassoed || lassoed.has(pack.papers.id[i])));
    matches = wanted.length || theme || lassoed ? new Set(order.map((i) => pack.papers.id[i])) : null;
    $("#found").textContent = `${order.length} of ${texts.length} papers${lassoed ? ", inside the lasso" : ""}`;
    shownRows = STEP;
    list();
    const plot = $('.plot[data-chart="map"]');
    if (plot && plot.data) mark(plot);
  }
  function list() {
    $("#list").replaceChildren(...order.slice(0, shownRows).map((i) => {
      const button = make("button", { type: "button" }, own(pack.papers.title[i]),
        make("small", {}, ...pack.papers.themes[i].slice(0, 1).flatMap(([key]) => [glyph(key)]),
          [...pack.papers.themes[i].slice(0, 1).map(([key]) => pack.themes[key].name), pack.papers.date[i]].join(" · ")));
      button.addEventListener("click", () => read(pack.papers.id[i]));
      return make("li", {}, button);
    }));
    $("#more").hidden = order.length <= shownRows;
  }
  function mark(plot) {
    const chosen = plot.data.map((trace) => (matches ? [...trace.ids].flatMap((id, i) => (matches.has(id) ? [i] : [])) : null));
    Plotly.restyle(plot, { selectedpoints: chosen, "unselected.marker.opacity": 0.1 });
  }
  function keep() {
    const form = $("#finder form"), state = new URLSearchParams();
    if (form.q.value) state.set("q", form.q.value);
    if (form.theme.value) state.set("theme", form.theme.value);
    history.replaceState(null, "", `#${form.closest("section").id}${state.size ? `?${state}` : ""}`);
  }
  function recall() {
    const [id, query] = location.hash.slice(1).split("?");
    if (query === undefined) return;
    const state = new URLSearchParams(query), form = $("#finder form");
    form.q.value = state.get("q") || "";
    form.theme.value = state.get("theme") || "";
    lassoed = null;
    find();
    document.getElementById(id)?.scrollIntoView();
  }

  function read(id) {
    const i = pack.papers.id.indexOf(id), dialog = $("#reader");
    const { title, date, url, abstract, themes } = Object.fromEntries(Object.entries(pack.papers).map(([key, column]) => [key, column[i]]));
    const close = make("button", { type: "button", class: "close", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => dialog.close());
    const name = url ? make("a", { href: url, rel: "noopener noreferrer" }, own(title)) : own(title);
    const text = make("p", { class: "abstract", dir: "auto" });
    let at = 0;
    const spans = themes.filter((t) => t[3] !== null).map((t) => [t[3], t[4]]).sort((a, b) => a[0] - b[0]);
    for (const [start, end] of spans) {
      if (start < at) continue;
      const points = [...abstract];
      text.append(points.slice(at, start).join(""), make("mark", {}, points.slice(start, end).join("")));
      at = end;
    }
    text.append([...abstract].slice(at).join("") || (abstract ? "" : "No abstract here."));
    const places = make("ul", { class: "chips" }, ...themes.map(([key, strength, tier]) => {
      const link = make("a", { href: `#${pack.themes[key].id}` }, glyph(key), make("span", { class: "name" }, pack.themes[key].name), make("b", {}, `${strength.toFixed(2)} ${tier}`));
      link.addEventListener("click", () => dialog.close());
      return make("li", {}, link);
    }));
    dialog.replaceChildren(close, make("h3", { id: "reader-title" }, name), make("p", { class: "small" }, date), places, text,
      ...(spans.length ? [make("p", { class: "small" }, "Marked: the sentences that placed it.")] : []));
    dialog.showModal();
  }

  // ---- contents
  function follow() {
    const nav = $("nav details"), wide = matchMedia("(min-width: 62.01rem)");
    const fold = () => { nav.open = wide.matches; };
    wide.addEventListener("change", fold);
    fold();
    nav.addEventListener("click", (event) => { if (event.target.closest("a") && !wide.matches) nav.open = false; });
    const links = new Map([...nav.querySelectorAll(":scope > ul > li > a")].map((a) => [a.hash.slice(1), a]));
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) {
        links.forEach((a) => a.removeAttribute("aria-current"));
        links.get(entry.target.id)?.setAttribute("aria-current", "true");
      }
    }, { rootMargin: "-20% 0px -70% 0px" });
    links.forEach((_, id) => { const target = document.getElementById(id); if (target) seen.observe(target); });
  }

  async function start() {
    follow();
    if (!("DecompressionStream" in window)) {
      for (const plot of document.querySelectorAll(".plot")) plot.textContent = "This browser is too old to draw the charts; one from 2023 or later does.";
      return;
    }
    pack = JSON.parse(await inflate("pack"));
    document.querySelectorAll(".numbers").forEach((details) => details.addEventListener("toggle", () => showNumbers(details)));
    if ($("#finder")) {
      texts = pack.papers.id.map((_, i) => letters(`${pack.papers.title[i]} ${pack.papers.abstract[i]}`));
      const form = $("#finder form");
      form.addEventListener("input", () => { lassoed = null; find(); keep(); });
      form.addEventListener("submit", (event) => event.preventDefault());
      $("#more").addEventListener("click", () => { shownRows += 4 * STEP; list(); });
      $("#reader").addEventListener("click", (event) => { if (event.target === event.currentTarget) event.currentTarget.close(); });
      $("#finder").hidden = false;
      find();
      addEventListener("hashchange", recall);
      recall();
    }
    const library = document.createElement("script");
    library.textContent = await inflate("plotly");
    document.head.append(library);
    await drawAll();
    document.querySelectorAll(".plot").forEach(listen);
    dark.addEventListener("change", drawAll);
    let width = innerWidth, timer;
    addEventListener("resize", () => {
      clearTimeout(timer);
      timer = setTimeout(() => { if (innerWidth !== width) { width = innerWidth; drawAll(); } }, 150);
    });
    addEventListener("beforeprint", () => { printing = true; drawAll(); });
    addEventListener("afterprint", () => { printing = false; drawAll(); });
    root.dataset.ready = "true";
  }
  start();
})();
