"""Pages of runs that no feed gave, and the browser that opens them."""

from analysis import report, store
from analysis.schema import Run

MADE_AT = "2031-05-04T12:40+00:00"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]


def with_tables(run, **tables):
    return Run(run.run_id, run.manifest, run.tables | tables)


def page_of(run, folder):
    """Write the report of the run into `folder`; return its path."""
    path = folder / f"{run.run_id}.html"
    path.write_text(report.build_report(store.write_run(run, folder), MADE_AT), encoding="utf-8")
    return path


def until(page, script, *given):
    """Wait until the script gives something true; the page's policy forbids the browser's own way to wait."""
    for _ in range(400):
        if page.evaluate(script, *given):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never true: {script}")
