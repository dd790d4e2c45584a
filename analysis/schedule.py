"""Files that make another program refresh the themes: a systemd timer, a crontab line, a GitHub workflow."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence

from analysis.schema import SettingsError

EVERY = ("hour", "day", "week", "month")
NOTHING_NEW = 3
"""Exit code of a refresh that found nothing new: no failure."""

_LONGEST_CRON_LINE = 990
"""Cron takes lines of up to 1,000 characters, and cuts longer ones without a word."""


def schedule_files(
    kind: str, *, every: str, at: str, folder: str, command: Sequence[str], secrets: Sequence[str] = (),
) -> dict[str, str]:
    """Return the files that schedule a refresh: name → text.

    Parameters
    ----------
    kind : str
        ``systemd`` (a service and its timer), ``cron`` (one line), or ``github`` (a workflow).
    every : str
        ``hour``, ``day``, ``week`` (on Mondays) or ``month`` (on the 1st).
    at : str
        ``06:30``, in the machine's own time; on GitHub in UTC. Of an hour only the minutes count.
    folder : str
        Where the command runs: the checkout, from the root; for GitHub the folder inside the repository, ``.`` for it.
    command : sequence of str
        Program and arguments, each as it is, without quotes. The program's whole path, but for GitHub, where
        ``paper-themes`` is found in the environment that the workflow makes.
    secrets : sequence of str
        For GitHub: environment variables that the command gets from the repository's secrets of the same names.

    Raises
    ------
    SettingsError
        A value is unknown, or holds what that program's file cannot say.
    """
    if kind not in _WRITERS:
        raise SettingsError(f"the kind of schedule is {kind!r}, expected one of {', '.join(_WRITERS)}")
    if every not in EVERY:
        raise SettingsError(f"every is {every!r}, expected one of {', '.join(EVERY)}")
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", at)
    if found is None:
        raise SettingsError(f"at is {at!r}, expected a time such as 06:30")
    if not command:
        raise SettingsError("the command is empty, expected a program and its arguments")
    for text in (folder, *command):
        if not text or not text.isprintable() or text != text.strip():
            raise SettingsError(f"{text!r} is empty, begins or ends with a space, or holds a line end; it cannot stand "
                                "in a schedule")
    for name in secrets:
        if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name) or name.startswith("GITHUB_"):
            raise SettingsError(f"{name!r} names no secret, expected capitals, digits and underscores")
    if kind != "github":
        for text, what in ((folder, "folder"), (command[0], "program")):
            if not text.startswith("/"):
                raise SettingsError(f"the {what} is {text!r}, expected its whole path, from the root: {kind} starts "
                                    "elsewhere")
    return _WRITERS[kind](every, (int(found[1]), int(found[2])), folder, tuple(command), tuple(secrets))


def _systemd(
    every: str, at: tuple[int, int], folder: str, command: tuple[str, ...], _: tuple[str, ...],
) -> dict[str, str]:
    if "$" in command[0] or folder.endswith("\\"):
        raise SettingsError("the program's path holds a $, or the folder ends in a backslash: systemd would read that "
                            "otherwise; use another path")
    hour, minute = at
    when = {"hour": f"*-*-* *:{minute:02}:00", "day": f"*-*-* {hour:02}:{minute:02}:00",
            "week": f"Mon *-*-* {hour:02}:{minute:02}:00", "month": f"*-*-01 {hour:02}:{minute:02}:00"}[every]
    service = f"""\
# Copy both files to ~/.config/systemd/user, then: systemctl --user enable --now paper-themes.timer
[Unit]
Description=Paper Themes: fetch, analyse, report
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={folder.replace('%', '%%')}
ExecStart={' '.join(map(_systemd_word, command))}
# Nothing new is no failure.
SuccessExitStatus={NOTHING_NEW}
TimeoutStartSec=6h
Nice=10
NoNewPrivileges=true
"""
    timer = f"""\
[Unit]
Description=Paper Themes, every {every}

[Timer]
OnCalendar={when}
# A run that fell into a time when the machine was off is made up for; servers are not all asked on the minute.
Persistent=true
RandomizedDelaySec=10min

[Install]
WantedBy=timers.target
"""
    return {"paper-themes.service": service, "paper-themes.timer": timer}


def _systemd_word(word: str) -> str:
    word = word.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[A-Za-z0-9_/.,:=@%+-]+", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _cron(
    every: str, at: tuple[int, int], folder: str, command: tuple[str, ...], _: tuple[str, ...],
) -> dict[str, str]:
    if any("\\" in text for text in (folder, *command)):
        raise SettingsError("the folder or the command holds a backslash, which cron and the shell read differently; "
                            "use another path")
    # Cron takes a bare % for a line end, also inside quotes, and drops the backslash before it.
    told = f"cd {shlex.quote(folder)} && {shlex.join(command)}".replace("%", "\\%")
    line = f"{_cron_when(every, at)} {told}"
    if len(line.encode()) > _LONGEST_CRON_LINE:
        raise SettingsError(f"the crontab line has {len(line.encode())} bytes, and cron takes {_LONGEST_CRON_LINE}; "
                            "use shorter paths, or a script")
    return {"paper-themes.cron": line + "\n"}


def _cron_when(every: str, at: tuple[int, int]) -> str:
    hour, minute = at
    return {"hour": f"{minute} * * * *", "day": f"{minute} {hour} * * *", "week": f"{minute} {hour} * * 1",
            "month": f"{minute} {hour} 1 * *"}[every]


def _github(
    every: str, at: tuple[int, int], folder: str, command: tuple[str, ...], secrets: tuple[str, ...],
) -> dict[str, str]:
    if any("${{" in text for text in (folder, *command)):
        raise SettingsError("the folder or the command holds ${{, which GitHub would replace; use another text")
    if folder.startswith(("/", "-")) or ".." in folder.split("/") or "\\" in folder:
        raise SettingsError(f"the folder is {folder!r}, expected one inside the repository, such as .")
    variables = "".join(f"          {name}: ${{{{ secrets.{name} }}}}\n" for name in secrets)
    told = {
        "@every": every, "@cron": json.dumps(_cron_when(every, at)), "@folder": json.dumps(folder, ensure_ascii=False),
        "@under": "" if folder == "." else f"{folder.strip('/')}/", "@command": shlex.join(command),
        "@env": f"        env:\n{variables}" if secrets else "", "@nothing": str(NOTHING_NEW),
    }
    told["@cache"] = json.dumps(f"{told.pop('@under')}data/cache", ensure_ascii=False)
    text = re.sub("|".join(map(re.escape, told)), lambda found: told[found[0]], _WORKFLOW)
    return {".github/workflows/paper-themes.yml": text}


_WORKFLOW = """\
# Fetches and analyses every @every, keeps the run in the repository, and publishes the report to Pages.
# Under Settings > Pages choose "GitHub Actions" as the source. The time is in UTC, and GitHub may be late.
# Actions are named by major version; who wants them fixed to the byte replaces each tag by the commit that it names.
name: paper-themes

on:
  schedule:
    - cron: @cron
  workflow_dispatch:

permissions: {}

concurrency:
  group: paper-themes-refresh
  cancel-in-progress: false

defaults:
  run:
    shell: bash
    working-directory: @folder

jobs:
  refresh:
    runs-on: ubuntu-latest
    timeout-minutes: 300
    permissions:
      contents: write
    outputs:
      made: ${{ steps.refresh.outputs.made }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - uses: actions/cache@v4
        with:
          path: @cache
          key: paper-themes-cache-${{ github.run_id }}
          restore-keys: paper-themes-cache-
      - name: Make the environment
        run: |
          make env
          echo "$PWD/.venv/bin" >> "$GITHUB_PATH"
      - name: Refresh
        id: refresh
@env        run: |
          code=0
          @command || code=$?
          if [ "$code" -eq @nothing ]; then
            echo "made=false" >> "$GITHUB_OUTPUT"
            echo "Nothing new."
            exit 0
          fi
          [ "$code" -eq 0 ] || exit "$code"
          echo "made=true" >> "$GITHUB_OUTPUT"
      - name: Keep the run
        if: steps.refresh.outputs.made == 'true'
        run: |
          git config user.name "github-actions[bot]"
          git config user.email "41898282+github-actions[bot]@users.noreply.github.com"
          # Runs are ignored in a person's checkout; here they are the memory.
          git add --force data/runs data/raw
          git diff --cached --quiet || git commit --message "A new run"
          # Somebody may have pushed meanwhile.
          git pull --rebase --autostash
          git push
      - name: Lay out the site
        if: steps.refresh.outputs.made == 'true'
        run: |
          rm -rf "$RUNNER_TEMP/site"
          cp -r figures/latest "$RUNNER_TEMP/site"
          cp "$RUNNER_TEMP/site/report.html" "$RUNNER_TEMP/site/index.html"
      - uses: actions/upload-pages-artifact@v3
        if: steps.refresh.outputs.made == 'true'
        with:
          path: ${{ runner.temp }}/site

  publish:
    needs: refresh
    if: needs.refresh.outputs.made == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      pages: write
      id-token: write
    environment:
      name: github-pages
      url: ${{ steps.deploy.outputs.page_url }}
    steps:
      - id: deploy
        uses: actions/deploy-pages@v4
"""

_WRITERS: dict[str, Callable[[str, tuple[int, int], str, tuple[str, ...], tuple[str, ...]], dict[str, str]]] = {
    "systemd": _systemd, "cron": _cron, "github": _github,
}
