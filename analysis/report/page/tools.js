// ---- what all parts share: the packs, elements made from text and never from markup, the themes' marks
const root = document.documentElement;
const $ = (selector) => document.querySelector(selector);
const dark = matchMedia("(prefers-color-scheme: dark)");
let pack, texts, charts;

async function inflate(id) {
  const letters = atob($(`#${id}`).textContent), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
const unpack = async (id) => JSON.parse(await inflate(id));
const idle = () => new Promise((go) => ("requestIdleCallback" in window ? requestIdleCallback(go, { timeout: 400 }) : setTimeout(go, 30)));

// Counts a paper → where each paper's own begin in a flat column; one more at the end.
function starts(counts) {
  const at = new Uint32Array(counts.length + 1);
  counts.forEach((n, i) => { at[i + 1] = at[i] + n; });
  return at;
}
function own(at, i, column) { return column.slice(at[i], at[i + 1]); }

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
function press(text, act, attributes = {}) {
  const button = make("button", { type: "button", ...attributes }, ...[text].flat());
  button.addEventListener("click", act);
  return button;
}
const quote = (text) => make("bdi", text.length > 400 ? { dir: "auto", class: "long" } : { dir: "auto" }, text);
const mark = (theme) => document.querySelector(`#${CSS.escape(theme.id)} .glyph`);
const glyph = (theme) => mark(theme)?.cloneNode(true) ?? "";
const counted = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

const firstTheme = (i) => (pack.at[i] < pack.at[i + 1] ? pack.papers.theme[pack.at[i]] : -1);
function inTheme(i, theme) {
  for (let p = pack.at[i]; p < pack.at[i + 1]; p++) if (pack.papers.theme[p] === theme) return true;
  return false;
}
const dateOf = (i) => pack.dates[pack.papers.date[i]];
const themeOf = (i) => pack.themes[firstTheme(i)];
