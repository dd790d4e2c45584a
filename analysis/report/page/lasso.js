// ---- the lasso: a line drawn round papers. In the address, corners count from 0 to 999 along each side of the map
const LASSO_CORNERS = 40, LASSO_STEPS = 999;

function thinned(corners) {
  const step = Math.max(1, corners.length / LASSO_CORNERS);
  const kept = Array.from({ length: Math.floor(corners.length / step) }, (_, number) => corners[Math.floor(number * step)]);
  return kept.map((corner) => corner.map((value) => Math.round(value * LASSO_STEPS)).join(".")).join("_");
}
function cornersOf(text) {
  const corners = (text || "").split("_").map((corner) => corner.split(".").map((value) => Number(value) / LASSO_STEPS));
  return corners.length > 2 && corners.flat().every(Number.isFinite) ? corners : null;
}
function insideOf(corners) {
  return (i) => {
    const u = pack.papers.x[i] / STEPS, v = pack.papers.y[i] / STEPS;
    let inside = false;
    for (let a = 0, b = corners.length - 1; a < corners.length; b = a++)
      if (corners[a][1] > v !== corners[b][1] > v
        && u < (corners[b][0] - corners[a][0]) * (v - corners[a][1]) / (corners[b][1] - corners[a][1]) + corners[a][0]) inside = !inside;
    return inside;
  };
}
