"""A score on a clock that stands still until a test moves it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from score_kernel import PerformanceFailed, Score, Take
from score_kernel.session import stage
from score_kernel.testing.clock import ManualClock, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIMIT = 20  # seconds: generous, only against a test that would hang


class Led:
    """A score, its clock, and the notebook that it looks names up in."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.score = Score(clock=self.clock)
        self.score.compose("Say it.")
        self.notebook: dict[str, Any] = {}

    def orchestrate(self, parts: Mapping[str, Any], **more: Any) -> None:
        """The plan. A part's `player` may be a function: it is given a name of the notebook."""
        plan: dict[str, Any] = {}
        for name, part in parts.items():
            player = part.get("player")
            if callable(player):
                self.notebook[f"play_{name}"] = player
                part = {**part, "player": f"python:play_{name}"}
            plan[name] = part
        self.score.orchestrate({"parts": plan, **more}, self.notebook)

    def conduct(self, **options: Any) -> Take:
        """Start a take and let it go as far as it goes without time passing."""
        take = self.score.conduct(background=True, **options)
        assert isinstance(take, Take)
        self.rest()
        return take

    def rest(self) -> None:
        """Let everything happen that needs no time."""
        stage().submit(settle(60)).result(LIMIT)

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        stage().submit(self.clock.advance(seconds)).result(LIMIT)
        self.rest()

    def end(self, take: Take) -> Take:
        """Wait until a take needs no more time, failed or not."""
        take.wait(LIMIT)
        return take

    def played(self, **options: Any) -> Take:
        """Conduct, to the end or until it is held; a failed take is given, too."""
        try:
            take = self.score.conduct(**options)
        except PerformanceFailed as failed:
            take = failed.take
        assert isinstance(take, Take)
        return take


def course(take: Take) -> list[str]:
    """What became of each contribution, in the order in which they came to wait."""
    return [f"{name(c)} {c.status}" for c in take.contributions]


def name(c: Any) -> str:
    """`coder`, or `coder[3]`."""
    return c.part if c.item is None else f"{c.part}[{c.item}]"


def texts(take: Take) -> dict[str, str]:
    """What stands, by name."""
    return {name(c): c.text_or("") for c in take.contributions}


def says(text: str) -> Callable[[Any], str]:
    """A player that says this."""

    def play(reading: Any) -> str:
        del reading
        return text

    return play


class Gate:
    """A player that waits until the test lets it go on."""

    def __init__(self, text: str = "done") -> None:
        self.entered, self._open = threading.Semaphore(0), threading.Semaphore(0)
        self._text = text

    def __call__(self, reading: Any) -> str:
        """Play."""
        self.entered.release()
        assert self._open.acquire(timeout=LIMIT)
        return self._text

    def wait(self) -> None:
        """Until it plays."""
        assert self.entered.acquire(timeout=LIMIT)

    def open(self) -> None:
        """Let it go on, once."""
        self._open.release()
