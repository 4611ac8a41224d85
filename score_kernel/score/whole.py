"""What a whole log must come to, beyond that each event may follow the one before it.

The fold alone does not ask whether what an event refers to is there, as an excerpt does not hold
everything. A log does: whoever reads one that a stranger may have written asks here, so that nobody
who then uses the state meets a text, a take or a part that is not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import events as ev
from .references import references, written
from .state import ANSWERED, IllegalEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .plan import Plan
    from .state import ContributionState, ScoreState, TakeState


_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def check(events: Iterable[ev.Event], state: ScoreState) -> None:
    """Raise `IllegalEvent` where a whole log, which folds to `state`, refers to what is not there.

    >>> check(events, fold(events))         # doctest: +SKIP
    """
    there: set[ev.Read] = set()
    for event in events:
        for read in references(event, state):
            if read not in there:
                raise IllegalEvent(
                    f"event {event.seq} refers to version {read.version} of {read.entry}, which is not there"
                )
        if (text := written(event, state)) is not None:
            there.add(text)
        if isinstance(event, ev.Noted) and event.note != "opening" and not _NUMBER.fullmatch(event.note):
            raise IllegalEvent(f"event {event.seq} sends a note that has no number: {event.note!r}")
        if isinstance(event, ev.SectionOpened):
            names = [read.entry for read in event.items]
            if names != [f"item/{event.part}[{n}]" for n in range(len(names))]:
                raise IllegalEvent(f"event {event.seq} tells items of {event.part} by other names")
        if isinstance(event, ev.Orchestrated | ev.TakeStarted | ev.PlanChanged):
            _check_plan(event.plan, f"the plan of event {event.seq}")
    for entry, texts in state.entries.items():
        if sorted(texts) != list(range(1, len(texts) + 1)):
            raise IllegalEvent(f"a version of {entry} is missing")
    for number, take in enumerate(state.takes.values(), 1):
        _check_take(state, take, number)


def _check_plan(plan: Plan, whose: str) -> None:
    names = set(plan.names)
    if len(names) < len(plan.parts):
        raise IllegalEvent(f"{whose} has a part twice")
    if any(before not in names for part in plan for before in part.waits):
        raise IllegalEvent(f"{whose} has a part after one that is not there")
    if plan.cycle():
        raise IllegalEvent(f"{whose} has parts that wait for each other")
    for part in plan:
        if part.repeat and part.repeat.origin not in plan.ancestors(part.name) | {part.name}:
            raise IllegalEvent(f"{whose} has a loop from a part that does not come before its end")


def _check_take(state: ScoreState, take: TakeState, number: int) -> None:
    if (take.id, take.number) != (f"take{number}", number):
        raise IllegalEvent(f"{take.id}, as number {take.number}, stands in place of take{number}")
    if number < len(state.takes) and not take.over:
        raise IllegalEvent(f"{take.id} has not ended as another starts")
    parent = None if take.parent is None else state.takes.get(take.parent)
    if take.parent is not None and (parent is None or parent.first_seq >= take.first_seq):
        raise IllegalEvent(f"{take.id} branches from {take.parent}, which is not there before it")
    if not 0 <= take.parent_seq < take.first_seq:
        raise IllegalEvent(f"{take.id} branches from event {take.parent_seq}, which is not before it")
    for c in take.contributions.values():
        if c.of_take:
            _check_source(state, c, f"{c.part} of {take.id}")


def _check_source(state: ScoreState, c: ContributionState, who: str) -> None:
    source = state.takes.get(c.of_take)
    of = None if source is None else source.contributions.get(c.of_c)
    if of is None or of.status not in ANSWERED or of.ended_seq >= c.ended_seq:
        raise IllegalEvent(
            f"{who} takes over contribution {c.of_c} of {c.of_take}, which had not been played"
        )
