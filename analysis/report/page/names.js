// ---- where theme names stand on the map: each near the middle of its papers, where it covers no name and fewest papers
const CELL = 8;

// Points a cell of the screen, summed up from the corner, so that those inside any box are counted in four look-ups.
function countPoints(sx, sy, shown, width, height) {
  const columns = Math.ceil(width / CELL) + 1, rows = Math.ceil(height / CELL) + 1;
  const sums = new Uint32Array((columns + 1) * (rows + 1));
  for (let i = 0; i < sx.length; i++)
    if ((!shown || shown[i]) && sx[i] >= 0 && sy[i] >= 0 && sx[i] < width && sy[i] < height)
      sums[(Math.floor(sy[i] / CELL) + 1) * (columns + 1) + Math.floor(sx[i] / CELL) + 1]++;
  for (let row = 1; row <= rows; row++)
    for (let column = 1, sum = 0; column <= columns; column++) {
      sum += sums[row * (columns + 1) + column];
      sums[row * (columns + 1) + column] = sum + sums[(row - 1) * (columns + 1) + column];
    }
  const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value / CELL)));
  return (box) => {
    const [left, right] = [clamp(box.x, columns), clamp(box.x + box.width, columns)];
    const [top, bottom] = [clamp(box.y, rows), clamp(box.y + box.height, rows)].map((row) => row * (columns + 1));
    return sums[bottom + right] - sums[top + right] - sums[bottom + left] + sums[top + left];
  };
}

// names: [{ width, height, x, y }] with the middle of their papers, those that matter most first; count: papers under a
// box; usual: papers under a box of one pixel, were they spread evenly. Gives each name a box, or null without room.
function layNames(names, count, usual, width, height) {
  const taken = [], GAP = 3;
  const free = (box) => taken.every((other) => box.x >= other.x + other.width + GAP || other.x >= box.x + box.width + GAP
    || box.y >= other.y + other.height + GAP || other.y >= box.y + box.height + GAP);
  return names.map((name) => {
    let best = null, least = Infinity;
    for (const down of [0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2, -2, 2.5, -2.5, 3, -3, 4, -4])
      for (const aside of [0, -0.3, 0.3, -0.55, 0.55]) {
        const x = name.x + (aside - 0.5) * name.width, y = name.y + (down - 0.5) * name.height;
        const box = { width: name.width, height: name.height, x: Math.max(2, Math.min(width - name.width - 2, x)), y };
        if (y < 2 || y + name.height > height - 2 || name.width > width - 4 || !free(box)) continue;
        const cost = count(box) / Math.max(0.5, usual * box.width * box.height) + 0.6 * Math.abs(down) + 2 * Math.abs(aside);
        if (cost < least) { best = box; least = cost; }
      }
    if (best) taken.push(best);
    return best;
  });
}
