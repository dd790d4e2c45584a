"""Asking again, politely: what passes is waited for, what does not is told at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from analysis.schema import SourceError
from analysis.sources.http import BrokenAnswer

MOST_TRIES = 4
FIRST_WAIT_S = 5.0
MOST_WAIT_S = 300.0
PASSING = (500, 502, 504)
"""Statuses that may be gone a moment later; 429 and 503 ask for a pause by themselves."""

T = TypeVar("T")


class Patience:
    """Waits between requests to a server, and before asking it again.

    One for all the sources of a refresh: two sources at one server then keep its pace between them.

    Parameters
    ----------
    sleep : callable
        Is given seconds.
    now : callable
        Gives the time.
    notice : callable
        Is told, in one sentence, why we wait.
    """

    def __init__(
        self, sleep: Callable[[float], object], now: Callable[[], dt.datetime],
        notice: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._sleep, self._now, self._notice = sleep, now, notice
        self._asked: dict[str, dt.datetime] = {}

    def keep_pace(self, where: str, pace_s: float) -> None:
        """Wait until `pace_s` seconds have gone by since the last request to the server `where`."""
        before = self._asked.get(where)
        if before is not None:
            # A clock that was set back must not make us wait for days.
            gone_s = max((self._now() - before).total_seconds(), 0.0)
            if gone_s < pace_s:
                self._sleep(pace_s - gone_s)
        self._asked[where] = self._now()

    def ask(self, once: Callable[[], T]) -> T:
        """Return what `once` returns; where that fails in a way that passes, ask again, four times in all.

        Raises
        ------
        SourceError
            The last failure, one that does not pass, or a server that asks for more than five minutes.
        """
        wait_s = FIRST_WAIT_S
        for left in reversed(range(MOST_TRIES)):
            try:
                return once()
            except SourceError as error:
                if not (error.pause or error.status in PASSING or isinstance(error, BrokenAnswer)):
                    raise
                if left == 0:
                    raise type(error)(f"{error} (asked {MOST_TRIES} times)", error.status, error.wait_s,
                                      pause=error.pause) from None
                pause_s = wait_s if error.wait_s is None else max(error.wait_s, 1.0)
                if pause_s > MOST_WAIT_S:
                    raise SourceError(f"{error}; that is longer than the {MOST_WAIT_S / 60:g} minutes that we wait",
                                      error.status, error.wait_s, pause=True) from None
                self._notice(f"{error}; asking again in {pause_s:g} s")
                self._sleep(pause_s)
                wait_s *= 2
        raise AssertionError("the last try returns or raises")
