// ---- the page: whole without these scripts, save for the charts and the finder, which they unpack and draw
function followContents() {
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

// data-ready: themes and map are drawn and can be used; data-searchable: abstracts too; data-complete: so is all else.
async function start() {
  followContents();
  if (!("DecompressionStream" in window)) {
    for (const box of document.querySelectorAll(".plot, .map")) box.textContent = "This browser is too old to draw the charts; one from 2023 or later does.";
    return;
  }
  const whole = new Promise((go) => { if (document.readyState === "loading") addEventListener("DOMContentLoaded", go); else go(); });
  pack = await unpack("pack");
  pack.at = starts(pack.papers.n_themes);
  if ($("#finder")) openFinder();
  requestAnimationFrame(() => { root.dataset.ready = "true"; });
  await whole;
  await idle();
  texts = await unpack("texts");
  if ($("#finder")) openTexts();
  root.dataset.searchable = "true";
  await idle();
  await openCharts();
  root.dataset.complete = "true";
}
start();
