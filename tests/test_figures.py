"""Every chart as a picture that holds still: drawn by this machine's browser, or told clearly why not."""

from __future__ import annotations

import asyncio
import os
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest
from fake_run import fake_run

from analysis import charts, store
from analysis.__main__ import main
from analysis.charts import static
from analysis.schema import InputError


@pytest.fixture
def browser() -> str:
    try:
        return static.find_browser()
    except InputError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.mark.usefixtures("browser")
def test_the_charts_of_a_run_become_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    run = fake_run(40, 6)
    folder = store.write_run(run, tmp_path)
    monkeypatch.chdir(tmp_path)
    few = {name: charts.CHARTS[name] for name in ("map", "themes", "stacked")}
    few["themes"] = lambda run: charts.CHARTS["map"](fake_run(0, 0))  # a chart with nothing to draw
    monkeypatch.setattr(charts, "CHARTS", few)
    assert main(["figures", str(folder)]) == 0
    said = capsys.readouterr()
    made = Path(said.out.splitlines()[-1])
    assert made == Path("figures") / run.run_id and "themes is left out: There is no paper" in said.err
    assert {path.name for path in made.iterdir()} == {"map.png", "map.svg", "stacked.png", "stacked.svg"}
    png = (made / "map.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", png[16:24]) == (2000, 1240)
    words = "".join(ElementTree.parse(made / "map.svg").getroot().itertext())
    assert "Map of the papers" in words and charts.listed_themes(run)["name"].iloc[0] in words


@pytest.mark.usefixtures("browser")
def test_points_that_want_a_graphics_card_are_drawn_without_one() -> None:
    figure = go.Figure(go.Scattergl(x=[1, 2], y=[1, 2], mode="markers"), layout={"height": 200})
    (picture,) = static.draw_pictures([figure])
    assert picture["svg"].count(b'class="point"') == 2
    assert figure.data[0].type == "scattergl"


@pytest.mark.usefixtures("browser")
def test_pictures_are_drawn_where_an_event_loop_runs_as_in_a_notebook() -> None:
    figure = go.Figure(go.Bar(x=[1], y=[2]), layout={"height": 200})

    async def cell() -> list[dict[str, bytes]]:
        return static.draw_pictures([figure])

    with ThreadPoolExecutor(1) as thread:  # other tests may have left a loop running in this one
        (picture,) = thread.submit(lambda: asyncio.run(cell())).result()
    assert picture["png"].startswith(b"\x89PNG")


def test_without_a_browser_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    folder = store.write_run(fake_run(5, 2), tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    assert main(["figures", str(folder), "--out", str(tmp_path / "pictures")]) == 2
    assert "there is no Chromium or Chrome" in capsys.readouterr().err
    monkeypatch.setenv("BROWSER_PATH", "/nowhere/chrome")
    assert main(["figures", str(folder), "--out", str(tmp_path / "pictures")]) == 2
    assert "/nowhere/chrome" in capsys.readouterr().err
    assert not (tmp_path / "pictures").exists()
