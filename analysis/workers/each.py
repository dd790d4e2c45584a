"""What all workers have in common: a function, what blocks share, and the blocks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")

Each = Callable[[Callable[[Any, Any], Any], Any, Iterable[Any]], Iterator[Any]]
"""(function, shared, blocks) → ``function(shared, block)`` of each block, in the order of the blocks."""

AHEAD = 4
"""Blocks that lie ready for each worker: enough to keep it busy, few enough for the memory of who hands them out."""


def each_here(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
    """Yield what `function` makes of each block, one after the other, in this process."""
    return (function(shared, block) for block in blocks)


def begin(each: Each, function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
    """Have something done elsewhere, and return what gives it once it is asked for; with `each_here` it begins then."""
    found = each(_call, function, [arguments])
    return lambda: next(found)


def _call(function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    return function(*arguments)


def hand_ahead(
    blocks: Iterable[Any], n_ahead: int, hand_over: Callable[[Any], T], take: Callable[[T], Any],
    forget: Callable[[Iterable[T]], None],
) -> Iterator[Any]:
    """Hand the first blocks over at once, and return what gives all results in order, handing over the others.

    Parameters
    ----------
    n_ahead : int
        How many blocks are handed over before the first result is asked for.
    hand_over, take : callable
        Block → what stands for its result; that → the result, once it is there.
    forget : callable
        Is given what is not asked for after all.
    """
    left = iter(blocks)
    handed = deque(map(hand_over, islice(left, n_ahead)))

    def ask() -> Iterator[Any]:
        try:
            while handed:
                yield take(handed.popleft())
                handed.extend(map(hand_over, islice(left, 1)))
        finally:
            if handed:
                forget(handed)

    return ask()
