// ---- gestures: what pointers do in a box, told in its own pixels
const STEP_ASIDE = 4;

// told: { hover(x, y, target), leave(), tap(x, y, target), move(dx, dy), pinch(factor, x, y), drawing(shift), line(x, y, isFirst), lineEnd() }
function followPointers(box, told) {
  const pointers = new Map();
  let drag = null, dragged = false;
  const where = (event) => { const edge = box.getBoundingClientRect(); return [event.clientX - edge.left, event.clientY - edge.top]; };
  const pair = () => { const [a, b] = [...pointers.values()]; return { far: Math.hypot(a[0] - b[0], a[1] - b[1]), x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2 }; };
  box.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    pointers.set(event.pointerId, where(event));
    drag = pointers.size === 2 ? { pinch: pair() } : { from: where(event), last: where(event), draws: told.drawing(event.shiftKey) };
  });
  box.addEventListener("pointermove", (event) => {
    const [x, y] = where(event);
    if (!pointers.has(event.pointerId)) {
      if (event.pointerType === "mouse") told.hover(x, y, event.target);
      return;
    }
    pointers.set(event.pointerId, [x, y]);
    if (drag?.pinch && pointers.size === 2) {
      const now = pair();
      told.pinch(now.far / drag.pinch.far, now.x, now.y);
      told.move(now.x - drag.pinch.x, now.y - drag.pinch.y);
      drag.pinch = now;
    } else if (drag?.from && (drag.moves || Math.hypot(x - drag.from[0], y - drag.from[1]) > STEP_ASIDE)) {
      if (!drag.moves) { box.setPointerCapture(event.pointerId); told.leave(); }
      if (!drag.draws) told.move(x - drag.last[0], y - drag.last[1]);
      else { if (!drag.moves) told.line(...drag.from, true); told.line(x, y, false); }
      drag.moves = true;
      drag.last = [x, y];
    }
  });
  function release(event) {
    if (!pointers.delete(event.pointerId) || pointers.size) return;
    const done = drag;
    drag = null;
    dragged = !!(done?.moves || done?.pinch);
    if (done?.moves && done.draws) told.lineEnd();
    else if (event.type === "pointerup" && !dragged) told.tap(...done.from, event.target);
  }
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, release);
  box.addEventListener("pointerleave", () => told.leave());
  // The click that ends a drag presses nothing.
  box.addEventListener("click", (event) => { if (dragged) { event.stopPropagation(); dragged = false; } }, true);
  box.addEventListener("dblclick", (event) => { if (!event.target.closest("button")) told.pinch(2, ...where(event)); });
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    told.pinch(Math.exp(-event.deltaY * (Math.abs(event.deltaY) < 40 ? 0.01 : 0.0025)), ...where(event));
  }, { passive: false });
}
