"""What of a log is given to a view, and saved with it: a take alone, with those before it, or everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events as ev
from .references import references, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import NoteState, ScoreState


class Excerpt:
    """Feeds a reader of one take with all that it needs, and only that.

    Events of other takes are left out. An entry that the take refers to, and that the reader has
    not seen, is given first, as an `EntryWritten` with `seq` 0: it is not a new fact, only quoted. So
    are the notes that stood as the take began, each as a `Noted`.
    """

    def __init__(self, state: ScoreState, take: str) -> None:
        self._state = state
        self._take = take
        self._given: set[ev.Read] = set()

    def feed(self, events: Iterable[ev.Event]) -> list[ev.Event]:
        """What to give the reader for these events, which the state must have taken in already."""
        given: list[ev.Event] = []
        for event in events:
            if event.take not in (None, self._take):
                continue
            standing = self._stood(event)
            for read in (*(note.read for note in standing), *self._needed(event)):
                if read not in self._given:
                    self._given.add(read)
                    text = self._state.text(read)
                    given.append(ev.EntryWritten(entry=read.entry, version=read.version, text=text))
            given += [ev.Noted(note=note.note, to=note.to, version=note.version) for note in standing]
            if (text_of := written(event, self._state)) is not None:
                self._given.add(text_of)
            given.append(event)
        return given

    def _needed(self, event: ev.Event) -> Iterator[ev.Read]:
        yield from references(event, self._state)
        # an edit may be a text that was played before
        if isinstance(event, ev.Released) and (read := written(event, self._state)) is not None:
            yield read

    def _stood(self, event: ev.Event) -> list[NoteState]:
        """The notes that stood as the take began, which no event of its own tells."""
        if not isinstance(event, ev.TakeStarted):
            return []
        return list(self._state.notes(event.parent, event.parent_seq).values())


class Upto:
    """Feeds a reader of one take and of all that came before it, so that they can be compared.

    Takes that began later are left out. Nothing need be quoted: what a take refers to came before it.
    """

    def __init__(self, state: ScoreState, take: str) -> None:
        self._takes = state.takes
        self._last = state.takes[take].number

    def feed(self, events: Iterable[ev.Event]) -> list[ev.Event]:
        """What to give the reader for these events, which the state must have taken in already."""
        return [e for e in events if e.take is None or self._takes[e.take].number <= self._last]


class Everything:
    """Feeds a reader of all takes: nothing is left out, so nothing need be quoted."""

    def feed(self, events: Iterable[ev.Event]) -> list[ev.Event]:
        """What to give the reader for these events."""
        return list(events)
