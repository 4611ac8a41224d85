"""A player that plays what a test says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import TransientError
from ..score.events import PlayerRef
from ..score.ports import Finish, ToolCalls, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

    from ..errors import PlayerError
    from ..score.events import Call
    from ..score.plan import Part
    from ..score.ports import Clock, Sound, Tool, Turn
    from ..score.reading import Reading


class ScriptedModel:
    """Stands in for a model: its text comes in the given chunks, `delay` seconds before each.

    The first `fails` plays raise `error` after `fails_after` chunks. With `calls` each contribution
    begins with so many turns that call tools, one tuple of `Call`s each, and then comes its text.
    `readings`, `turns` and `offered` (the tools' names) are what it was given, one for each play,
    `cut` how many plays were cancelled.

    >>> player = ScriptedModel(["Hello, ", "world"], clock=clock, delay=0.5, fails=1)  # doctest: +SKIP
    """

    def __init__(
        self,
        chunks: Iterable[str],
        *,
        clock: Clock,
        model: str = "test/model",
        delay: float = 0.0,
        fails: int = 0,
        fails_after: int = 0,
        error: PlayerError | None = None,
        usage: Usage | None = None,
        finish: str = "stop",
        calls: Iterable[tuple[Call, ...]] = (),
    ) -> None:
        self._chunks: Sequence[str] = tuple(chunks)
        self._clock, self._delay = clock, delay
        self._model, self._finish = model, finish
        self._fails, self._fails_after = fails, fails_after
        self._error = error or TransientError("the test said so", "connection")
        self._usage = usage or Usage(10, len(self._chunks), model=model)
        self._calls = tuple(calls)
        self.readings: list[Reading] = []
        self.turns: list[tuple[Turn, ...]] = []
        self.offered: list[tuple[str, ...]] = []
        self.prepared = 0
        self.cut = 0

    @property
    def ref(self) -> PlayerRef:
        """As a model's."""
        return PlayerRef("model", self._model)

    @property
    def identity(self) -> Mapping[str, Any]:
        """As a model's."""
        return {"kind": "model", "model": self._model}

    async def prepare(self) -> None:
        """Count that it was asked."""
        self.prepared += 1

    async def play(
        self, part: Part, reading: Reading, turns: Sequence[Turn] = (), tools: Sequence[Tool] = ()
    ) -> AsyncGenerator[Sound, None]:
        """Yield the chunks in their time, then `Usage` and `Finish`; or call tools, or fail."""
        del part
        self.readings.append(reading)
        self.turns.append(tuple(turns))
        self.offered.append(tuple(tool.name for tool in tools))
        called = sum(bool(turn.calls) for turn in turns)
        if called < len(self._calls):
            yield self._usage
            yield ToolCalls(self._calls[called])
            return
        failing = len(self.readings) <= self._fails
        whole = False
        try:
            for number, chunk in enumerate(self._chunks):
                if failing and number == self._fails_after:
                    break
                if self._delay:
                    await self._clock.sleep(self._delay)
                yield chunk
            whole = True
        finally:
            self.cut += not whole
        yield self._usage
        if failing:
            raise self._error
        yield Finish(self._finish)
