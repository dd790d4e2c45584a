// ---- the data map: papers as marks on one canvas, theme names over it; drawn anew for every view
const CLOSEST = 60, EDGE = 14, STEPS = 65535;

// act: { open(paper), choose(theme), lasso(corners), moved(at) }
function makeMap(frame, act) {
  const box = frame.querySelector(".map"), canvas = box.querySelector("canvas"), pen = canvas.getContext("2d");
  const nameBox = box.querySelector(".names"), tip = box.querySelector(".tip");
  const { x, y } = pack.papers, n = x.length, label = canvas.getAttribute("aria-label");
  const sx = new Float32Array(n), sy = new Float32Array(n);
  const firmness = pack.papers.id.map((_, i) => (pack.at[i] < pack.at[i + 1] ? pack.tiers[pack.papers.tier[pack.at[i]]] : "loose"));
  const themes = pack.papers.id.map((_, i) => firstTheme(i));
  const names = pack.themes.map((theme, number) => ({ theme, number, members: [], element: press([glyph(theme), theme.name], () => act.choose(number), { tabindex: "-1" }) }));
  for (let i = 0; i < n; i++) if (x[i] >= 0) names[themes[i]]?.members.push(i);
  const filledNames = names.filter((name) => name.members.length);
  nameBox.replaceChildren(...filledNames.map((name) => name.element));
  let width = 0, height = 0, scale = 1, at = { x: 0.5, y: 0.5, zoom: 1 };
  let shown = null, n_shown = n, ringed = -1, corners = null, isDrawn = true, lassoing = false, printing = false, sprites = new Map(), queued = false;

  // -- from the map to the screen and back; places on the map run from 0 to 1
  const toScreen = (u, v) => [
    ((u - at.x) * at.zoom + 0.5) * (width - 2 * EDGE) + EDGE, ((v - at.y) * at.zoom + 0.5) * (height - 2 * EDGE) + EDGE];
  const toMap = (px, py) => [
    ((px - EDGE) / (width - 2 * EDGE) - 0.5) / at.zoom + at.x, ((py - EDGE) / (height - 2 * EDGE) - 0.5) / at.zoom + at.y];
  function place() {
    const wide = width - 2 * EDGE, high = height - 2 * EDGE;
    for (let i = 0; i < n; i++) {
      sx[i] = x[i] < 0 ? -99 : ((x[i] / STEPS - at.x) * at.zoom + 0.5) * wide + EDGE;
      sy[i] = x[i] < 0 ? -99 : ((y[i] / STEPS - at.y) * at.zoom + 0.5) * high + EDGE;
    }
  }

  // -- marks
  const radius = () => (n < 200 ? 5 : n < 3000 ? 3.4 : 2.1) * Math.min(2.4, at.zoom ** 0.3);
  const ink = (theme) => (theme ? mark(theme)?.style.getPropertyValue(dark.matches && !printing ? "--dark" : "--light") : "") || "#80868f";
  function sprite(number, firm) {
    const key = 2 * number + firm;
    if (!sprites.has(key)) {
      const size = radius(), theme = pack.themes[number], half = Math.ceil((1.3 * size + 1) * scale);
      const sheet = new OffscreenCanvas(2 * half, 2 * half), brush = sheet.getContext("2d");
      const shape = theme && mark(theme)?.querySelector("path")?.getAttribute("d");
      brush.translate(half, half);
      brush.scale(scale * size / 5, scale * size / 5);
      brush.globalAlpha = firm ? 0.92 : 0.45;
      brush.fillStyle = brush.strokeStyle = ink(theme);
      if (shape) brush.fill(new Path2D(shape));
      else { brush.arc(0, 0, 4.6, 0, 7); theme ? brush.fill() : brush.stroke(); }
      sprites.set(key, sheet.transferToImageBitmap());
    }
    return sprites.get(key);
  }
  function draw() {
    queued = false;
    if (!width) return;
    const style = getComputedStyle(root), dot = Math.max(2, 0.8 * radius());
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    const visible = (i) => sx[i] > -9 && sy[i] > -9 && sx[i] < width + 9 && sy[i] < height + 9;
    if (shown) {
      pen.fillStyle = "#8b919c";
      pen.globalAlpha = 0.22;
      for (let i = 0; i < n; i++) if (!shown[i] && visible(i)) pen.fillRect(sx[i] - dot / 2, sy[i] - dot / 2, dot, dot);
      pen.globalAlpha = 1;
    }
    for (let i = n - 1; i >= 0; i--) if ((!shown || shown[i]) && visible(i)) {
      const sheet = sprite(themes[i], firmness[i] === "loose" ? 0 : 1), size = sheet.width / scale;
      pen.drawImage(sheet, sx[i] - size / 2, sy[i] - size / 2, size, size);
    }
    pen.strokeStyle = style.getPropertyValue("--ink");
    if (corners?.length > 1) {
      pen.lineWidth = 1.5;
      pen.setLineDash([5, 4]);
      pen.beginPath();
      corners.forEach(([u, v], number) => pen[number ? "lineTo" : "moveTo"](...toScreen(u, v)));
      if (isDrawn) pen.closePath();
      pen.stroke();
      pen.setLineDash([]);
    }
    if (ringed >= 0 && x[ringed] >= 0) {
      pen.lineWidth = 2.5;
      pen.beginPath();
      pen.arc(sx[ringed], sy[ringed], radius() + 5, 0, 7);
      pen.stroke();
    }
    if (printing) writeNames();
  }
  // On paper the names belong to the picture, which may be printed at another width.
  function writeNames() {
    pen.font = getComputedStyle(nameBox).font;
    pen.textBaseline = "middle";
    pen.textAlign = "center";
    for (const { box: there, theme } of filledNames) if (there) {
      pen.lineWidth = 4;
      pen.strokeStyle = "#fff";
      pen.fillStyle = "#000";
      const text = [theme.name, there.x + there.width / 2, there.y + there.height / 2, there.width];
      pen.strokeText(...text);
      pen.fillText(...text);
    }
  }

  // -- names
  const some = (papers) => papers.filter((_, number) => number % Math.ceil(papers.length / 300) === 0);
  const middle = (papers, along) => papers.map((i) => along[i]).sort((a, b) => a - b)[papers.length >> 1];
  function setNames() {
    const wanted = [];
    for (const name of filledNames) {
      const all = shown ? name.members.filter((i) => shown[i]) : name.members;
      const inside = all.filter((i) => sx[i] >= 0 && sy[i] >= 0 && sx[i] < width && sy[i] < height);
      name.box = null;
      if (!inside.length || (inside.length < 3 && inside.length < all.length / 3)) continue;
      wanted.push(Object.assign(name, { x: middle(some(inside), sx), y: middle(some(inside), sy), n_inside: inside.length }));
    }
    if (at.zoom > 1 || shown) wanted.sort((a, b) => b.n_inside - a.n_inside);
    const count = countPoints(sx, sy, shown, width, height), reach = radius();
    const covered = (box) => count({ x: box.x - reach, y: box.y - reach, width: box.width + 2 * reach, height: box.height + 2 * reach });
    const boxes = layNames(wanted, covered, (shown ? n_shown : n) / width / height, width, height);
    wanted.forEach((name, number) => { name.box = boxes[number]; });
    moveNames();
  }
  function moveNames() {
    for (const { element, box: there } of filledNames) {
      element.style.visibility = there ? "visible" : "hidden";
      if (there) element.style.transform = `translate(${Math.round(there.x)}px,${Math.round(there.y)}px)`;
    }
  }
  // While the map slides its names go with it; they are laid anew when it rests.
  let sliding;
  function slideNames(dx, dy) {
    for (const name of filledNames) if (name.box) name.box = { ...name.box, x: name.box.x + dx, y: name.box.y + dy };
    moveNames();
    clearTimeout(sliding);
    sliding = setTimeout(setNames, 150);
  }
  function measureNames() {
    for (const name of filledNames) ({ offsetWidth: name.width, offsetHeight: name.height } = name.element);
  }

  // -- moves
  function redraw() { if (!queued) { queued = true; requestAnimationFrame(draw); } }
  let told;
  function look(next, { tell = true, slides = false } = {}) {
    const zoom = Math.max(1, Math.min(CLOSEST, next.zoom));
    const within = (value) => Math.max(0.5 / zoom, Math.min(1 - 0.5 / zoom, value));
    if (zoom !== at.zoom) sprites = new Map();
    const before = at;
    at = { x: within(next.x), y: within(next.y), zoom };
    box.style.touchAction = zoom > 1 || lassoing ? "none" : "pan-y";
    place();
    if (slides) slideNames((before.x - at.x) * zoom * (width - 2 * EDGE), (before.y - at.y) * zoom * (height - 2 * EDGE));
    else setNames();
    redraw();
    clearTimeout(told);
    if (tell) told = setTimeout(() => act.moved(zoom === 1 ? "" : [at.x * 10000, at.y * 10000, zoom * 100].map(Math.round).join("_")), 300);
  }
  function zoomBy(factor, px = width / 2, py = height / 2) {
    const [u, v] = toMap(px, py), zoom = Math.max(1, Math.min(CLOSEST, at.zoom * factor));
    look({ x: u + (at.x - u) * at.zoom / zoom, y: v + (at.y - v) * at.zoom / zoom, zoom });
  }
  const moveBy = (dx, dy) => look({ ...at, x: at.x - dx / at.zoom / (width - 2 * EDGE), y: at.y - dy / at.zoom / (height - 2 * EDGE) }, { slides: true });
  function measure() {
    ({ clientWidth: width, clientHeight: height } = box);
    scale = printing ? 2 : devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    sprites = new Map();
    measureNames();
    place();
    setNames();
    draw();
  }
  function nearest(px, py) {
    let best = -1, least = Math.max(10, radius() + 4) ** 2;
    for (let i = 0; i < n; i++) if (!shown || shown[i]) {
      const away = (sx[i] - px) ** 2 + (sy[i] - py) ** 2;
      if (away < least) { best = i; least = away; }
    }
    return best;
  }
  function hover(i, px, py) {
    tip.hidden = i < 0;
    canvas.style.cursor = lassoing ? "crosshair" : i < 0 ? "grab" : "pointer";
    if (i < 0) return;
    const theme = themeOf(i);
    tip.replaceChildren(make("b", {}, quote(pack.papers.title[i])), make("small", {}, [dateOf(i), theme?.name ?? "in no theme"].join(" · ")));
    tip.style.transform = `translate(${Math.max(4, Math.min(px + 14, width - tip.offsetWidth - 4))}px,${py + 18 + tip.offsetHeight > height ? py - tip.offsetHeight - 12 : py + 18}px)`;
  }

  // -- pointers, keys, buttons
  followPointers(box, {
    hover: (px, py, target) => hover(target.closest("button") ? -1 : nearest(px, py), px, py),
    leave: () => hover(-1),
    tap(px, py, target) { const i = target.closest("button") ? -1 : nearest(px, py); if (i >= 0) act.open(i); },
    move: moveBy, pinch: zoomBy,
    drawing: (shift) => lassoing || shift,
    line(px, py, isFirst) { corners = [...(isFirst ? [] : corners), toMap(px, py)]; isDrawn = false; redraw(); },
    lineEnd() { setLasso(false); isDrawn = true; act.lasso(corners.length > 2 ? thinned(corners) : ""); },
  });
  const keys = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (keys[event.key] && at.zoom > 1) moveBy(...keys[event.key]);
    else if (event.key === "+" || event.key === "=") zoomBy(1.5);
    else if (event.key === "-") zoomBy(1 / 1.5);
    else if (event.key === "0") look({ x: 0.5, y: 0.5, zoom: 1 });
    else return;
    event.preventDefault();
  });
  const lassoButton = frame.querySelector('[data-do="lasso"]');
  function setLasso(on) {
    lassoing = on;
    lassoButton.setAttribute("aria-pressed", on);
    box.classList.toggle("lassoing", on);
    box.style.touchAction = at.zoom > 1 || on ? "none" : "pan-y";
  }
  lassoButton.addEventListener("click", () => setLasso(!lassoing));
  const ways = { in: () => zoomBy(1.6), out: () => zoomBy(1 / 1.6), fit: () => look({ x: 0.5, y: 0.5, zoom: 1 }) };
  for (const [name, way] of Object.entries(ways)) frame.querySelector(`[data-do="${name}"]`).addEventListener("click", way);
  new ResizeObserver(() => { if (box.clientWidth !== width || box.clientHeight !== height) measure(); }).observe(box);
  dark.addEventListener("change", measure);
  addEventListener("beforeprint", () => { printing = true; measure(); });
  addEventListener("afterprint", () => { printing = false; measure(); });
  measure();

  return {
    show(mask, papers, lasso) {
      [shown, n_shown, corners] = [mask, papers, cornersOf(lasso)];
      canvas.setAttribute("aria-label", `${label} Shown: ${papers.toLocaleString("en")} of ${counted(n, "paper")}.`);
      setNames();
      redraw();
    },
    ring(i) { ringed = i; redraw(); },
    look(text) {
      const [u, v, zoom] = text ? text.split("_").map(Number) : [5000, 5000, 100];
      const next = { x: u / 10000, y: v / 10000, zoom: zoom / 100 };
      if ([u, v, zoom].every(Number.isFinite) && (Math.abs(next.zoom - at.zoom) > 0.006 || Math.abs(next.x - at.x) + Math.abs(next.y - at.y) > 0.0002))
        look(next, { tell: false });
    },
  };
}
