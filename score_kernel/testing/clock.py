"""A clock that stands still until it is told to move."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class ManualClock:
    """The `Clock` port for tests: time passes only in `advance`.

    >>> clock = ManualClock()
    >>> clock.now()
    0.0

    Sleepers wake in the order of their times, each with the clock standing at its own time, so a
    test tells exactly what happens when. (After trio's `MockClock`.)
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    def wall(self) -> str:
        """Always the same day."""
        return "2026-01-01T00:00:00Z"

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced that far."""
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking sleepers as it does. To be awaited on the loop that they sleep on."""
        end = self._now + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await settle()
        self._now = end


async def settle(turns: int = 20) -> None:
    """Let the tasks that are ready run on: `turns` turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)
