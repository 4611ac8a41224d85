"""A loop whose time passes only when it is told to: sleeps, timeouts and ticks all go by it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

MOST_TURNS = 100_000


class ManualLoop(asyncio.SelectorEventLoop):
    """An event loop on a clock that stands still. It is the engine's `Clock` as well.

    `ManualClock` wakes those who sleep on it. What the engine lets the loop do (the tick of streaming
    text, a part's timeout, a stall) goes by the loop's own clock, which therefore is this one too.
    """

    def __init__(self) -> None:
        self._time = 0.0
        super().__init__()
        self.failures: list[str] = []
        self.set_exception_handler(lambda _, context: self.failures.append(_said(context)))

    def time(self) -> float:
        """The loop's clock."""
        return self._time

    def now(self) -> float:
        """Seconds since the loop was made."""
        return self._time

    def wall(self) -> str:
        """Always the same day."""
        return "2026-01-01T00:00:00Z"

    async def sleep(self, seconds: float) -> None:
        """Wait until time was let pass that far."""
        await asyncio.sleep(max(0.0, seconds))

    async def settle(self) -> None:
        """Let all that is ready run, until everything waits for time to pass."""
        ready = cast("Any", self)._ready
        for _ in range(MOST_TURNS):
            await asyncio.sleep(0)
            if not ready:
                return
        raise AssertionError("it never comes to rest")

    @property
    def due(self) -> float | None:
        """When the next of those who wait for a time is to wake."""
        timers = cast("Any", self)._scheduled
        return min((timer.when() for timer in timers if not timer.cancelled()), default=None)

    async def advance(self, seconds: float) -> None:
        """Let time pass; whoever waits for a time wakes with the clock standing at it."""
        end = self._time + seconds
        await self.settle()
        while (due := self.due) is not None and due <= end:
            self._time = max(self._time, due)
            await self.settle()
        self._time = max(self._time, end)

    async def run_dry(self, most: int = 20_000) -> None:
        """Let time pass until nobody waits for a time any more."""
        await self.settle()
        for _ in range(most):
            if (due := self.due) is None:
                return
            self._time = max(self._time, due)
            await self.settle()
        raise AssertionError("it never stops waiting for a time")

    async def abandon(self) -> None:
        """End every other task, those too that take their time for it."""
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        while len(asyncio.all_tasks()) > 1:
            await self.settle()
            self._time = max(self._time, self.due or 0.0)


def _said(context: dict[str, Any]) -> str:
    return f"{context.get('message')}: {context.get('exception')!r}"
