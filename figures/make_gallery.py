"""Take the README's pictures of a report in a browser: first screen, map, a theme, trends, and a phone in the dark.

Trends want a larger corpus than the seed: where one lies beside the repository, a part of it is analysed and reported
first, which takes some minutes; else the picture is of the same report as the others.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis.charts.static import find_browser  # noqa: E402
from analysis.store import write_bytes  # noqa: E402
from benchmarks.history.feed import CORPUS, Feed, read_feed  # noqa: E402
from benchmarks.history.runs import Desk, environment  # noqa: E402

GALLERY = Path(__file__).parent / "gallery"
MOST_BYTES = 250_000
QUALITIES = range(92, 30, -6)
STEP = 4
SETTLE_MS = 1500
"""Charts are drawn when they come into view, and move into their places."""


def main() -> int:
    """Take the pictures; the exit code is 2 where there is no report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path, help="a page that `paper-themes report` made")
    parser.add_argument("--large", type=Path, help="the page that trends are taken of, instead of making one")
    asked = parser.parse_args()
    for page in filter(None, (asked.report, asked.large)):
        if not page.is_file():
            parser.error(f"there is no {page}; make one with `make report`")
    report = asked.report.resolve()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as driver:
        if asked.large:
            large = asked.large.resolve()
        else:
            large = _large_report(Path(scratch)) if CORPUS.is_file() else report
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])

        def opened(path: Path, width: int, height: int, scheme: Any = "light") -> Page:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme,
                                          device_scale_factor=2 if width < 500 else 1, offline=True)
            page = context.new_page()
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
            return page

        _take("report", _screen(opened(report, 1280, 860)))
        _take("map", _part(opened(report, 1280, 900), "#map-box"))
        _take("theme", _part(opened(report, 1280, 900), "#themes article"))
        _take("trends", _part(opened(large, 1280, 1000), "#trends .plot"))
        _take("phone", _screen(opened(report, 390, 844, "dark")))
        browser.close()
    return 0


def _screen(page: Page) -> Callable[[int], bytes]:
    page.wait_for_timeout(SETTLE_MS)
    return lambda quality: page.screenshot(type="jpeg", quality=quality)


def _part(page: Page, selector: str) -> Callable[[int], bytes]:
    """Return how to picture the first element of a section, as much of it as the window shows."""
    found = page.locator(selector).first
    if not found.count():
        there = page.eval_on_selector_all("section[id]", "all => all.map(one => one.id)")
        raise SystemExit(f"the report has no {selector}; it has the sections {', '.join(there)}")
    found.evaluate("one => one.scrollIntoView({block: 'start', behavior: 'instant'})")
    page.wait_for_timeout(SETTLE_MS)
    box, window = found.bounding_box(), page.viewport_size
    if box is None or window is None:
        raise SystemExit(f"{selector} is not shown")
    y = max(0.0, box["y"])
    clip = {"x": box["x"], "y": y, "width": box["width"],
            "height": min(box["y"] + box["height"], window["height"]) - y}
    return lambda quality: page.screenshot(type="jpeg", quality=quality, clip=clip)


def _take(name: str, picture: Callable[[int], bytes]) -> None:
    """Keep the best picture that is small enough."""
    content = next((taken for taken in map(picture, QUALITIES) if len(taken) <= MOST_BYTES), None)
    if content is None:
        raise SystemExit(f"the picture {name} is above {MOST_BYTES:,} bytes at every quality; make it smaller")
    write_bytes(GALLERY / f"{name}.jpg", content)
    print(f"{GALLERY / name}.jpg: {len(content) / 1000:.0f} kB")


def _large_report(scratch: Path) -> Path:
    """Return the report of a part of the feed beside the repository, analysed from its stored vectors."""
    whole = read_feed()
    desk = Desk(scratch / "desk", Feed(whole.papers.iloc[::STEP].reset_index(drop=True), whole.vectors[::STEP]))
    for arguments in (["run", "raw", "--out", "runs", "--cache", "cache", "--title", "Hugging Face daily papers"],
                      ["report", "RUN", "--out", "report.html"]):
        run = next(desk.folder.glob("runs/r*"), Path("none"))
        subprocess.run([sys.executable, "-m", "analysis", *(str(run) if one == "RUN" else one for one in arguments)],
                       cwd=desk.folder, env=environment(), check=True)
    return desk.folder / "report.html"


if __name__ == "__main__":
    sys.exit(main())
