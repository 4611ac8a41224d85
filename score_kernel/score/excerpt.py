"""One take cut out of a log so that it stands alone: what the view folds, and what is saved with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events as ev

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
            for read in (*(note.read for note in standing), *self._references(event)):
                if read not in self._given:
                    self._given.add(read)
                    text = self._state.text(read)
                    given.append(ev.EntryWritten(entry=read.entry, version=read.version, text=text))
            given += [ev.Noted(note=note.note, to=note.to, version=note.version) for note in standing]
            written = self._written(event)
            if written is not None:
                self._given.add(written)
            given.append(event)
        return given

    def _stood(self, event: ev.Event) -> list[NoteState]:
        """The notes that stood as the take began, which no event of its own tells."""
        if not isinstance(event, ev.TakeStarted):
            return []
        return list(self._state.notes(event.parent, event.parent_seq).values())

    def _references(self, event: ev.Event) -> Iterator[ev.Read]:
        match event:
            case ev.Composed():
                if event.intent:
                    yield ev.Read("intent", event.intent)
                if event.criteria:
                    yield ev.Read("criteria", event.criteria)
                yield from event.materials
            case ev.Entered():
                yield from _read(event)
            case ev.Reused():
                yield from _read(event)
                yield ev.Read(self._entry(event.c), event.version)
            case ev.Released(version=version) if version:  # an edit may be a text that was played before
                yield ev.Read(self._entry(event.c), version)
            case ev.Noted():
                yield ev.Read(f"note/{event.note}", event.version)
            case _:
                pass

    def _written(self, event: ev.Event) -> ev.Read | None:
        match event:
            case ev.EntryWritten():
                return ev.Read(event.entry, event.version)
            case ev.Played():
                return ev.Read(self._entry(event.c), event.version)
            case _:
                return None

    def _entry(self, c: int) -> str:
        return self._state.takes[self._take].contributions[c].entry


def _read(event: ev.Entered | ev.Reused) -> Iterator[ev.Read]:
    """What was read, and what the part itself had played before a note."""
    yield from event.reads
    for message in event.messages:
        yield from (piece for piece in message.content if isinstance(piece, ev.Read))
