"""Waiting for something of a take to become true, on whatever thread one is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .errors import UsageError
from .session import stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engine.conductor import Conductor
    from .score.state import TakeState


def wait_until(
    conductor: Conductor, take_id: str, done: Callable[[TakeState], bool], timeout: float | None = None
) -> bool:
    """Wait until `done` says so of a take, `timeout` seconds at most. A keyboard interrupt comes through."""
    refuse_here("wait for a take")
    take = stage().ask(lambda: conductor.state.takes[take_id])
    end = None if timeout is None else time.monotonic() + timeout
    with conductor.changed:
        while not done(take):
            left = 0.1 if end is None else min(0.1, end - time.monotonic())
            if left <= 0:
                return False
            conductor.changed.wait(left)  # short, as not every lock lets an interrupt through
    return True


def refuse_here(what: str) -> None:
    """Waiting on the performance thread would stop the very thing that is waited for."""
    if stage().here:
        raise UsageError(f"an async player cannot {what}: make the player a plain function, or await")
