// ---- the view: what is chosen. The address holds all of it, so that a view can be sent, and "back" undoes a choice
const FILTERS = ["q", "theme", "from", "to", "facet", "like", "lasso"];
const FIELDS = [...FILTERS, "at", "paper"];
const NOTHING = Object.fromEntries(FILTERS.map((name) => [name, ""]));
let view = {}, place = "map", typing = false, applied = () => {};

const filled = (fields) => Object.fromEntries(FIELDS.filter((name) => fields[name]).map((name) => [name, fields[name]]));
const isFiltered = () => FILTERS.some((name) => view[name]);
function addressOf(id, fields) {
  const query = new URLSearchParams(filled(fields)).toString();
  return `#${id}${query && `?${query}`}`;
}
function readAddress(hash) {
  const [id, query] = hash.slice(1).split("?");
  return { id, fields: query === undefined ? null : filled(Object.fromEntries(new URLSearchParams(query))) };
}
function goTo(id) {
  const target = document.getElementById(id);
  if (!target) return;
  target.scrollIntoView();
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
}

// Words as they are typed make one step of the history; every other choice makes its own.
function change(fields, { typed = false, quiet = false, depth = 0 } = {}) {
  view = filled({ ...view, ...fields });
  const replaces = quiet || (typed && typing);
  typing = typed || (quiet && typing);
  history[replaces ? "replaceState" : "pushState"]({ ours: true, depth: quiet ? history.state?.depth ?? 0 : depth }, "", addressOf(place, view));
  applied();
}

function openAddress() {
  const { id, fields } = readAddress(location.hash);
  view = fields ?? {};
  history.replaceState({ ours: true, depth: 0 }, "", location.href);
  if (fields) { applied(); document.getElementById(id)?.scrollIntoView(); }
}

function followLinks() {
  addEventListener("popstate", (event) => {
    const { id, fields } = readAddress(location.hash);
    typing = false;
    view = fields ?? {};
    applied();
    if (event.state) return;
    history.replaceState({ ours: true, depth: 0 }, "", location.href); // an address written by hand
    if (fields) goTo(id);
  });
  // A link inside the page keeps the view, or brings its own: #map?theme=…
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { id, fields } = readAddress(link.getAttribute("href"));
    if (!fields && !Object.keys(view).length) return;
    event.preventDefault();
    view = filled({ ...(fields ?? view), paper: undefined });
    typing = false;
    history.pushState({ ours: true, depth: 0 }, "", addressOf(id, view));
    applied();
    goTo(id);
  });
}
