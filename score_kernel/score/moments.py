"""Moments: points in a take, as one writes them.

`take2` is its end, `take2:coder` as coder enters (for the last time), `take2@12.5s` so long after
it began, `take2#41` its event number 41. A label stands for the take it is on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import UnknownName
from .events import Entered, Reused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .events import Event
    from .state import ScoreState

_FORM = re.compile(
    r"(?P<take>[^\W\d]\w*)(?::(?P<part>[^\W\d]\w*(?:\[\d+\])?)|@(?P<time>\d+(?:\.\d+)?|\.\d+)(?P<unit>ms|s|m)?|#(?P<event>\d+))?"
)
_UNITS = {"ms": 1, "s": 1000, "m": 60_000}
FORMS = "a moment is take2, take2:coder, take2@12.5s or take2#41"


def find_take(state: ScoreState, name: str) -> str:
    """The id of a take, by its id or label. Raises `UnknownName`."""
    found = state.labels.get(name, name)
    if found not in state.takes:
        known = [*state.labels, *state.takes]
        there = f"there is {', '.join(known)}" if known else "nothing has been conducted yet"
        raise UnknownName(f"there is no take {name!r}; {there}")
    return found


def resolve(state: ScoreState, text: str, events: Callable[[str], Iterable[Event]]) -> tuple[str, int]:
    """The take of a moment, and the number of the last event that had happened by then.

    `events` gives the events of a take. Raises `UnknownName` where there is no such moment.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise UnknownName(f"{text!r} is no moment: {FORMS}")
    take = state.takes[find_take(state, form["take"])]
    if form["part"]:
        return take.id, _entering(take.id, form["part"], list(events(take.id)), state)
    if form["time"]:
        upto = float(form["time"]) * _UNITS[form["unit"] or "s"]
        happened = [e.seq for e in events(take.id) if e.at is not None and e.at <= upto]
        return take.id, max(happened, default=take.first_seq)
    if form["event"]:
        number = int(form["event"])
        if not take.first_seq <= number <= take.last_seq:
            raise UnknownName(
                f"{take.id} has no event {number}: its events are {take.first_seq} to {take.last_seq}"
            )
        return take.id, number
    return take.id, take.last_seq


def _entering(take: str, part: str, events: list[Event], state: ScoreState) -> int:
    """The event before a part's last entering; of a section's, before the first of its players entered."""
    found = state.takes[take]
    last: dict[int | None, int] = {}
    for e in events:
        if isinstance(e, Entered | Reused) and part in ((c := found.contributions[e.c]).part, c.name):
            last[c.item] = e.seq
    if not last:
        names = found.plan.names
        if part.partition("[")[0] not in names:
            raise UnknownName(f"{take} has no part {part!r}; it has {', '.join(names)}")
        raise UnknownName(f"{part} did not enter in {take}")
    return min(last.values()) - 1
