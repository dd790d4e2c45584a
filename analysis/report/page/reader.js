// ---- reader: one paper, with the sentences that placed it marked, and the papers most like it
const openPaper = (i) => change({ paper: pack.papers.id[i] }, { depth: (history.state?.depth ?? 0) + 1 });

// Places in an abstract count characters, not the units that this language counts.
function marked(i) {
  const spans = [], characters = [...texts.abstract[i]], pieces = [];
  for (let p = pack.at[i]; p < pack.at[i + 1]; p++) if (texts.start[p] >= 0) spans.push([texts.start[p], texts.end[p]]);
  let at = 0;
  for (const [start, end] of spans.sort((a, b) => a[0] - b[0])) if (start >= at) {
    pieces.push(characters.slice(at, start).join(""), make("mark", {}, characters.slice(start, end).join("")));
    at = end;
  }
  return { pieces: [...pieces, characters.slice(at).join("")], n: spans.length };
}

function fillReader(i) {
  const dialog = $("#reader"), title = pack.papers.title[i], url = texts?.url[i];
  const name = url ? make("a", { href: url, rel: "noopener noreferrer" }, quote(title)) : quote(title);
  const themes = make("ul", { class: "chips" }, ...Array.from({ length: pack.at[i + 1] - pack.at[i] }, (_, number) => {
    const p = pack.at[i] + number, theme = pack.themes[pack.papers.theme[p]];
    return make("li", {}, make("a", { href: `#${theme.id}` }, glyph(theme), make("span", { class: "name" }, theme.name),
      make("b", {}, `${(pack.papers.strength[p] / 1000).toFixed(2)} ${pack.tiers[pack.papers.tier[p]]}`)));
  }));
  const parts = [press("×", closeReader, { class: "close", "aria-label": "Close" }), make("h3", { id: "reader-title" }, name),
    make("p", { class: "small" }, dateOf(i)), themes];
  if (texts) {
    const { pieces, n } = marked(i);
    parts.push(make("p", { class: "abstract", dir: "auto" }, ...(texts.abstract[i] ? pieces : ["No abstract here."])));
    if (n) parts.push(make("p", { class: "small" }, n > 1 ? "Marked: the sentences that placed it." : "Marked: the sentence that placed it."));
    const near = texts.near ? own(texts.nearAt, i, texts.near.other) : [];
    if (near.length) parts.push(make("h4", {}, "Papers like this one"),
      make("ol", { class: "like" }, ...near.slice(0, 5).map((other, number) => make("li", {}, press(
        [quote(pack.papers.title[other]), make("small", {}, `${dateOf(other)} · similarity ${(texts.near.similarity[texts.nearAt[i] + number] / 100).toFixed(2)}`)],
        () => openPaper(other))))),
      press("Show them on the map", () => { change({ ...NOTHING, paper: "", like: pack.papers.id[i] }); goTo(place); }));
  }
  dialog.replaceChildren(...parts);
}

function applyReader() {
  const dialog = $("#reader"), i = view.paper ? paperNumber(view.paper) : -1;
  if (i < 0) { dialog.shows = ""; if (dialog.open) dialog.close(); return; }
  const shows = `${view.paper} ${!!texts}`;
  if (dialog.shows === shows) return;
  dialog.shows = shows;
  fillReader(i);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}
// Closing goes back to where reading began, past the papers read on the way.
function closeReader() {
  if (history.state?.depth) history.go(-history.state.depth);
  else change({ paper: "" }, { quiet: true });
}
function openReader() {
  const dialog = $("#reader");
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); closeReader(); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) closeReader(); });
}
