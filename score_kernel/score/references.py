"""Which texts an event refers to, and which it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .state import ScoreState


def references(event: ev.Event, state: ScoreState) -> Iterator[ev.Read]:
    """The texts that must be there before an event, which the state has taken in.

    Those that a part read are among them, and what it had itself played before a note.
    """
    match event:
        case ev.Composed():
            if event.intent:
                yield ev.Read("intent", event.intent)
            if event.criteria:
                yield ev.Read("criteria", event.criteria)
            yield from event.materials
        case ev.Noted():
            yield ev.Read(f"note/{event.note}", event.version)
        case ev.Contributed():
            name = event.part if event.item is None else f"{event.part}[{event.item}]"
            yield ev.Read(f"part/{name}", event.version)
        case ev.SectionOpened():
            yield from event.items
        case ev.Entered() | ev.Reused():
            yield from event.reads
            for message in event.messages:
                yield from (piece for piece in message.content if isinstance(piece, ev.Read))
            if isinstance(event, ev.Reused):
                yield _own(event, state)
        case _:
            pass


def written(event: ev.Event, state: ScoreState) -> ev.Read | None:
    """The text that is there after an event at the latest, or `None`."""
    match event:
        case ev.EntryWritten():
            return ev.Read(event.entry, event.version)
        case ev.Played():
            return _own(event, state)
        case ev.Released(version=version) if version:
            return _own(event, state)
        case _:
            return None


def _own(event: ev.Played | ev.Reused | ev.Released, state: ScoreState) -> ev.Read:
    contribution = state.takes[event.take or ""].contributions[event.c]
    return ev.Read(contribution.entry, event.version)
