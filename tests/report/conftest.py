"""Pages and a browser, made once for all tests of the report."""

import os
import shutil

import pytest
from fake_run import fake_run
from report_pages import SWITCHES, page_of


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="session")
def ordinary(folder):
    return page_of(fake_run(90, 12), folder)


@pytest.fixture(scope="session")
def hostile(folder):
    return page_of(fake_run(40, 6, hostile=True), folder)


@pytest.fixture(scope="session")
def bare(folder):
    return page_of(fake_run(0, 0), folder)


@pytest.fixture(scope="session")
def browser():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing = "there is no Chromium on this machine; install the package chromium to test the report in a browser"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Open a page from disk with the network off, and wait until it is `so_far`: ready, searchable, or complete.

    What the page complains of or asks for is kept, and whether plotly was there when it was ready.
    """
    contexts = []

    def opened(path, width=1280, scheme="light", address="", so_far="searchable"):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme,
                                      reduced_motion="reduce")
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.complaints, page.requests_made = [], []
        page.on("console", lambda message: page.complaints.append(message.text)
                if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.requests_made.append(request.url))
        page.goto(path.as_uri() + address)
        page.wait_for_selector(f"html[data-{so_far}]", state="attached", timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()
