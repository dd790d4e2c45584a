"""A few days of a feed: no file left open, no run grown. `make bench-reliability` lives a year, and looks at keys."""

from pathlib import Path

from benchmarks.reliability.wear import live


def test_some_days_leave_nothing_open(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("n_resamples = 2\n")
    told = live(6, n_first=2)
    assert told["days"] == 6 and told["runs"] == 3  # a paper every second day; nothing is written on the others
    assert told["last"]["open"] <= told["first"]["open"]
    assert 0 < told["slopes"]["runs"] <= 1.5 * told["bytes_a_run"] * 3 / 6 and told["last"]["cache"] < 20_000
