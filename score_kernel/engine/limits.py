"""How time is counted: a take's own clock, and the requests of the last minute."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..score.ports import Clock

MINUTE = 60.0

INSTANT = 1e-6
"""Seconds that nobody waits for: a wait that rounding leaves over would never end on some clocks."""


class Stopwatch:
    """Seconds of a clock, but for those in which it stood."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ran = 0.0
        self._since: float | None = clock.now()

    def now(self) -> float:
        """Seconds that it ran."""
        return self._ran if self._since is None else self._ran + self._clock.now() - self._since

    def run(self, on: bool) -> None:
        """Let it run on, or stand."""
        if on and self._since is None:
            self._since = self._clock.now()
        elif not on and self._since is not None:
            self._ran, self._since = self.now(), None


class Requests:
    """The requests of the last minute, in a window that slides.

    A `rate` is in requests a minute; below one a minute the window is as long as one takes.
    """

    def __init__(self) -> None:
        self._made: deque[float] = deque()

    def wait(self, rate: float | None, now: float) -> float:
        """Seconds until the next request may be made."""
        if rate is None:
            return 0.0
        window, most = (MINUTE, int(rate)) if rate >= 1 else (MINUTE / rate, 1)
        while self._made and self._made[0] <= now - max(window, MINUTE):
            self._made.popleft()
        inside = [at for at in self._made if at + window - now > INSTANT]
        return 0.0 if len(inside) < most else inside[-most] + window - now

    def made(self, now: float) -> None:
        """A request is made."""
        self._made.append(now)
