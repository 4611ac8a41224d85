"""A score out of a file: what it holds, and at which pace it was played."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from . import events as ev
from .state import ScoreState, fold
from .text import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .events import Event


class Pace(NamedTuple):
    """When a contribution's text came, in ms since it entered, and how long it played."""

    pieces: tuple[tuple[int, str], ...]
    lasts: int


class Recording:
    """The events of a recording, the state they fold to, and the name of its file (without a folder).

    Raises `IllegalEvent` where the events cannot have happened like this.
    """

    def __init__(self, name: str, events: Sequence[Event]) -> None:
        self.name = name
        self.events = tuple(events)
        self.state: ScoreState = fold(self.events)

    @cached_property
    def _of_contribution(self) -> dict[tuple[str, int], list[Event]]:
        found: dict[tuple[str, int], list[Event]] = {}
        for event in self.events:
            if isinstance(
                event,
                ev.Entered
                | ev.TextPlayed
                | ev.Retried
                | ev.ToolsCalled
                | ev.SentToRepair
                | ev.Played
                | ev.Released,
            ):
                found.setdefault((event.take or "", event.c), []).append(event)
        return found

    def pace(self, take: str, c: int) -> Pace:
        """When the text of an answered contribution came: of the try that succeeded, from its beginning.

        What was itself taken over has the pace of its source.
        """
        while (contribution := self.state.takes[take].contributions[c]).of_take:
            take, c = contribution.of_take, contribution.of_c
        pieces: list[tuple[int, str]] = []
        began = ended = contribution.entered or 0
        for event in self._of_contribution.get((take, c), ()):
            at = max(event.at or 0, began)
            match event:
                case ev.TextPlayed():
                    pieces.append((at - began, event.text))
                case ev.Retried():
                    pieces.clear()
                    began = at + event.wait
                case ev.ToolsCalled() | ev.SentToRepair():
                    pieces.clear()
                case _:
                    ended = at
        lasts = max(0, ended - began)
        text = self.state.text_of(take, contribution)
        if joined(piece for _, piece in pieces) != text:  # it was edited: that came at the end
            pieces = [(lasts, text)]
        return Pace(tuple(pieces), lasts)
