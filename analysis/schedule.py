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

TOO_OLD = 4
"""Exit code of a refresh whose newest paper is older than asked for. It may have made a run; somebody is to be told."""

ACTIONS = {
    "checkout": ("11bd71901bbe5b1630ceea73d27597364c9af683", "v4.2.2"),
    "setup-python": ("a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0"),
    "cache": ("5a3ec84eff668545956fd18022155c47e93e2684", "v4.2.3"),
    "upload-pages-artifact": ("56afc609e74202658d3ffba0e8f6dda462b719fa", "v3.0.1"),
    "deploy-pages": ("d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e", "v4.0.5"),
}
"""GitHub's own actions by commit: a tag can be moved, a commit cannot. Beside each stands the release that it is."""

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
        ``paper-themes`` is found in the environment that the workflow makes, and what lies in ``figures/latest``,
        with its ``report.html`` first, is published.
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
# The login for mail, if one is needed: lines such as PAPER_THEMES_SMTP_USER=reader in a file that you alone may read.
EnvironmentFile=-%h/.config/paper-themes/environment
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
        "@env": f"        env:\n{variables}" if secrets else "", "@nothing": str(NOTHING_NEW), "@old": str(TOO_OLD),
        **{f"actions/{name}@": f"actions/{name}@{commit}  # {tag}" for name, (commit, tag) in ACTIONS.items()},
    }
    told["@cache"] = json.dumps(f"{told.pop('@under')}data/cache", ensure_ascii=False)
    text = re.sub("|".join(map(re.escape, told)), lambda found: told[found[0]], _WORKFLOW)
    return {".github/workflows/paper-themes.yml": text}


_WORKFLOW = """\
# Fetches and analyses every @every, keeps the run in the repository, and publishes the report to Pages.
# Under Settings > Pages choose "GitHub Actions" as the source. The time is in UTC, and GitHub may be late.
# Actions are named by commit, beside the release that it is: nobody can change them under you.
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
      old: ${{ steps.refresh.outputs.old }}
    steps:
      - uses: actions/checkout@
      - uses: actions/setup-python@
        with:
          python-version: "3.11"
      - uses: actions/cache@
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
          case "$code" in
            0) echo "made=true" >> "$GITHUB_OUTPUT" ;;
            @nothing) echo "Nothing new." ;;
            @old)
              # The feed is old, new run or not. What was made is kept; the last job fails, so that you hear of it.
              echo "old=true" >> "$GITHUB_OUTPUT"
              if [ -f figures/latest/report.html ]; then echo "made=true" >> "$GITHUB_OUTPUT"; fi ;;
            *) exit "$code" ;;
          esac
      - name: Keep the run
        if: steps.refresh.outputs.made == 'true'
        run: |
          git config user.name "github-actions[bot]"
          git config user.email "41898282+github-actions[bot]@users.noreply.github.com"
          # Runs are ignored in a person's checkout; here they are the memory. Hidden files are locks and half fetches.
          git add --force -- data/runs data/raw ':(exclude,glob)data/**/.*' ':(exclude,glob)data/**/.*/**'
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
      - uses: actions/upload-pages-artifact@
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
        uses: actions/deploy-pages@

  tell:
    needs: [refresh, publish]
    if: always() && needs.refresh.outputs.old == 'true'
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - name: Tell that the feed is old
        working-directory: .
        run: |
          echo "::error::The newest paper is older than asked for: has the feed dried up, or a source changed?"
          exit 1
"""

_WRITERS: dict[str, Callable[[str, tuple[int, int], str, tuple[str, ...], tuple[str, ...]], dict[str, str]]] = {
    "systemd": _systemd, "cron": _cron, "github": _github,
}
