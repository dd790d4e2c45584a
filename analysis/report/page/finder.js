// ---- finder: which papers the view shows, in the map, the list and the periods; search by words and by nearness
const ROWS = 24, N_MEANT = 6, N_FACETS = 80;
let shown = null, order = [], rows = ROWS, listed = "", map = null, searched = [];

const letters = (text) => (/[^\x20-\x7e]/.test(text) ? text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/\s+/g, " ") : text).toLowerCase();
// Words and "quoted phrases"; a quote that is still open reaches to the end.
const wordsOf = (text) => [...letters(text).matchAll(/["“]([^"”]*)["”]?|[^\s"“”]+/g)].map((found) => (found[1] ?? found[0]).trim()).filter(Boolean);
const themeNumber = (key) => pack.themes.findIndex((theme) => theme.key === key);
const paperNumber = (id) => pack.papers.id.indexOf(id);
const facetNumber = (name) => texts.facets.values.findIndex(([kind, value]) => `${kind}:${value}` === name);

// Which papers each part of the view keeps: a test of a paper's place; null where the page cannot tell what is asked for.
const KEEPS = {
  q(text) {
    const words = wordsOf(text);
    return (i) => words.every((word) => searched[i].includes(word));
  },
  theme(key) {
    const theme = themeNumber(key);
    return theme < 0 ? null : (i) => inTheme(i, theme);
  },
  from(label) {
    const first = pack.periods.indexOf(label);
    return first < 0 ? null : (i) => pack.papers.period[i] >= first;
  },
  to(label) {
    const last = pack.periods.indexOf(label);
    return last < 0 ? null : (i) => pack.papers.period[i] >= 0 && pack.papers.period[i] <= last;
  },
  facet(name) {
    const facet = texts.facets ? facetNumber(name) : -1;
    return facet < 0 ? null : (i) => own(texts.facetsAt, i, texts.facets.value).includes(facet);
  },
  like(id) {
    const paper = paperNumber(id);
    if (paper < 0 || !texts.near) return null;
    const near = new Set([paper, ...own(texts.nearAt, paper, texts.near.other)]);
    return (i) => near.has(i);
  },
  lasso(text) {
    const corners = cornersOf(text);
    return corners && insideOf(corners);
  },
};
const needsTexts = () => view.q || view.facet || view.like;

function find() {
  const unknown = [];
  const tests = FILTERS.filter((name) => view[name]).flatMap((name) => {
    const test = KEEPS[name](view[name]);
    if (!test) unknown.push(name);
    return test ? [test] : [];
  });
  shown = tests.length ? new Uint8Array(pack.papers.id.length) : null;
  order = [];
  for (let i = 0; i < pack.papers.id.length; i++)
    if (tests.every((test) => test(i))) { order.push(i); if (shown) shown[i] = 1; }
  if (view.like && !unknown.includes("like")) {
    const paper = paperNumber(view.like), rank = [paper, ...own(texts.nearAt, paper, texts.near.other)];
    order.sort((a, b) => rank.indexOf(a) - rank.indexOf(b));
  }
  $("#found").textContent = `${order.length.toLocaleString("en")} of ${counted(pack.papers.id.length, "paper")}`
    + (unknown.length ? `. This page does not know the ${unknown.join(", ")} that the address asks for.` : "");
}

function row(i) {
  const theme = themeOf(i);
  const button = press([quote(pack.papers.title[i]),
    make("small", {}, theme ? glyph(theme) : "", [theme?.name, dateOf(i)].filter(Boolean).join(" · "))], () => openPaper(i));
  for (const [on, off] of [["mouseenter", "mouseleave"], ["focus", "blur"]]) {
    button.addEventListener(on, () => map?.ring(i));
    button.addEventListener(off, () => map?.ring(-1));
  }
  return make("li", {}, button);
}
function list() {
  $("#list").replaceChildren(...order.slice(0, rows).map(row));
  $("#more").hidden = order.length <= rows;
  const meant = meaning();
  $("#near").hidden = !meant.length;
  $("#near ol").replaceChildren(...meant.map(row));
}
// Papers nearest to those that say the words, and that do not say them.
function meaning() {
  if (!view.q || !texts?.near || !order.length || order.length > 0.5 * pack.papers.id.length) return [];
  const sums = new Map();
  for (const i of order.slice(0, 200))
    for (let p = texts.nearAt[i]; p < texts.nearAt[i + 1]; p++) {
      const other = texts.near.other[p];
      if (!shown[other]) sums.set(other, (sums.get(other) ?? 0) + texts.near.similarity[p]);
    }
  return [...sums].sort((a, b) => b[1] - a[1]).slice(0, N_MEANT).map(([i]) => i);
}

// ---- periods: the papers of each, those shown in front; press one or draw over several
function setPeriods() {
  const course = $("#course"), form = $("#search");
  const all = new Uint32Array(pack.periods.length);
  for (const period of pack.papers.period) if (period >= 0) all[period]++;
  course.hidden = pack.periods.length < 2;
  for (const select of [form.from, form.to]) {
    select.append(...pack.periods.map((label) => make("option", { value: label }, label)));
    select.closest("label").hidden = course.hidden;
  }
  const most = Math.max(...all, 1);
  const [bars, axis] = course.children, [start, , end] = axis.children;
  [start.textContent, end.textContent] = [pack.periods[0] ?? "", pack.periods.at(-1) ?? ""];
  bars.replaceChildren(...pack.periods.map((label, number) =>
    make("div", { "data-label": label }, make("i", { style: `height:${100 * all[number] / most}%` }, make("i")))));
  const barAt = (event) => [...bars.children].findIndex((bar) => event.clientX < bar.getBoundingClientRect().right);
  let first = -1;
  bars.addEventListener("pointerdown", (event) => { first = barAt(event); });
  bars.addEventListener("pointerup", (event) => {
    const last = barAt(event);
    if (first < 0 || last < 0) return;
    const [from, to] = [Math.min(first, last), Math.max(first, last)].map((number) => pack.periods[number]);
    change(view.from === from && view.to === to ? { from: "", to: "" } : { from, to });
  });
  course.draw = () => {
    const some = new Uint32Array(pack.periods.length);
    for (const i of order) if (pack.papers.period[i] >= 0) some[pack.papers.period[i]]++;
    [...bars.children].forEach((bar, number) => {
      bar.firstChild.firstChild.style.height = `${all[number] ? 100 * some[number] / all[number] : 0}%`;
      bar.title = `${bar.dataset.label}: ${some[number]} of ${counted(all[number], "paper")} shown${all[number] ? ` (${Math.round(100 * some[number] / all[number])} %)` : ""}`;
    });
  };
}
function setFacets() {
  const select = $("#search").facet, sizes = new Map();
  for (const facet of texts.facets.value) sizes.set(facet, (sizes.get(facet) ?? 0) + 1);
  const kinds = new Map();
  for (const [facet, size] of [...sizes].sort((a, b) => b[1] - a[1])) {
    const [kind, value] = texts.facets.values[facet];
    if (!kinds.has(kind)) kinds.set(kind, make("optgroup", { label: kind.replaceAll("_", " ") }));
    if (kinds.get(kind).childElementCount < N_FACETS) kinds.get(kind).append(make("option", { value: `${kind}:${value}` }, `${value} (${size})`));
  }
  select.append(...kinds.values());
  select.closest("label").hidden = !kinds.size;
}

// ---- what is chosen, at the foot of the window, each part with its own way out
const SAYS = {
  q: (text) => `“${text}”`, theme: (key) => pack.themes[themeNumber(key)]?.name ?? key,
  from: (label) => `from ${label}`, to: (label) => `to ${label}`, facet: (name) => name.slice(name.indexOf(":") + 1),
  like: (id) => `like “${pack.papers.title[paperNumber(id)] ?? id}”`, lasso: () => "inside the lasso",
};
function setBar() {
  $("#bar").hidden = !isFiltered();
  root.classList.toggle("filtered", isFiltered());
  $("#bar b").textContent = `${order.length.toLocaleString("en")} of ${counted(pack.papers.id.length, "paper")}`;
  $("#bar ul").replaceChildren(...FILTERS.filter((name) => view[name]).map((name) =>
    make("li", {}, press([make("bdi", {}, SAYS[name](view[name])), " ×"], () => change({ [name]: "" }), { "aria-label": `Remove: ${SAYS[name](view[name])}` }))));
}

// ---- the view, laid on everything
function applyView() {
  const form = $("#search"), filter = JSON.stringify(FILTERS.map((name) => view[name]));
  for (const name of ["q", "theme", "from", "to", "facet"]) {
    const wanted = view[name] ?? "", field = form[name];
    if (field.tagName === "SELECT" && wanted && ![...field.options].some((option) => option.value === wanted)) continue;
    if (field.value !== wanted) field.value = wanted;
  }
  if (filter !== listed && !(needsTexts() && !texts)) {
    listed = filter;
    rows = ROWS;
    find();
    list();
    $("#course").draw?.();
    setBar();
    map?.show(shown, order.length, view.lasso);
    linkCharts();
  }
  map?.look(view.at);
  applyReader();
}

function openFinder() {
  const form = $("#search");
  place = form.closest("section").id;
  const choose = (name, value) => change({ [name]: view[name] === value ? "" : value });
  form.addEventListener("input", (event) => change({ [event.target.name]: event.target.value }, { typed: event.target.name === "q" }));
  form.addEventListener("submit", (event) => event.preventDefault());
  $("#more").addEventListener("click", () => { const before = rows; rows += 4 * ROWS; list(); $("#list").children[before]?.firstChild.focus(); });
  $("#all").addEventListener("click", () => { change(NOTHING); form.q.focus({ preventScroll: true }); });
  setPeriods();
  $("#finder").hidden = form.hidden = false;
  if ($("#map-box")) map = makeMap($("#map-box"), {
    open: openPaper, choose: (theme) => choose("theme", pack.themes[theme].key), lasso: (corners) => change({ lasso: corners }),
    moved: (at) => change({ at }, { quiet: true }),
  });
  applied = applyView;
  openReader();
  followLinks();
  applyView();
  openAddress();
}
function openTexts() {
  texts.spansAt = pack.at;
  if (texts.near) texts.nearAt = starts(texts.near.n);
  if (texts.facets) texts.facetsAt = starts(texts.facets.n);
  searched = texts.abstract.map((abstract, i) => letters(`${pack.papers.title[i]} ${abstract}`));
  if (texts.facets) setFacets();
  if (!texts.whole) $("#search").q.title = "Titles, and the sentences that placed the papers; the whole abstracts are in papers.csv of the run.";
  applyView();
}
