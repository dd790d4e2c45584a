"""A few days of a feed: no file left open, no run grown, keys kept. `make bench-reliability` lives a year."""

from pathlib import Path

from benchmarks.reliability.wear import live


def test_some_days_leave_nothing_open_and_keys_as_they_were(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("n_resamples = 2\n")
    told = live(6)
    assert told["days"] == 6 and told["runs"] == 3  # a paper every second day; nothing is written on the others
    assert told["last"]["open"] <= told["first"]["open"] and told["kept"][0] >= 0.95
    assert told["last"]["runs"] <= 1.2 * told["runs"] * told["bytes_a_run"] and told["last"]["cache"] < 100_000
