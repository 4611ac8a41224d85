"""A log that lives as long as its process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .snapshot import KEEP, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..score.events import Event
    from ..score.state import ScoreState


class MemoryLog:
    """The `Log` port over a list.

    >>> log = MemoryLog()
    >>> list(log.read())
    []
    """

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._of_take: dict[str | None, list[Event]] = {}
        self._snapshots: dict[int, bytes] = {}

    def append(self, events: Sequence[Event]) -> None:
        """Add events at the end. Raises `ValueError` where their `seq` does not go on from it."""
        check_order(len(self._events), events)
        self._events.extend(events)
        for event in events:
            self._of_take.setdefault(event.take, []).append(event)

    def commit(self) -> None:
        """Nothing: memory is as durable as it gets."""

    def read(self, after: int = 0, upto: int | None = None, take: str | None = None) -> Iterator[Event]:
        """Events with `after < seq <= upto`, oldest first; those of one take only, if one is named."""
        last = len(self._events) if upto is None else upto
        if take is None:
            yield from self._events[max(after, 0) : max(last, 0)]
            return
        for event in tuple(self._of_take.get(take, ())):
            if after < event.seq <= last:
                yield event

    def save_snapshot(self, state: ScoreState) -> None:
        """Keep this state, which is the fold of the first `state.seq` events."""
        check_snapshot(len(self._events), state)
        self._snapshots[state.seq] = pack(state)
        for seq in sorted(self._snapshots)[:-KEEP]:
            del self._snapshots[seq]

    def snapshots(self) -> Iterator[ScoreState]:
        """The snapshots, newest first. Each is a copy of its own."""
        for seq in sorted(self._snapshots, reverse=True):
            state = unpack(self._snapshots[seq])
            if state is not None:
                yield state

    def close(self) -> None:
        """Nothing: there is nothing to let go of."""

    def __str__(self) -> str:
        return "the score in memory"


def check_order(last: int, events: Sequence[Event]) -> None:
    """Raise `ValueError` unless the events go on from event `last`, one by one."""
    for expected, event in enumerate(events, last + 1):
        if event.seq != expected:
            raise ValueError(f"event {event.seq} was appended where event {expected} belongs")


def check_snapshot(last: int, state: ScoreState) -> None:
    """Raise `ValueError` where a snapshot tells more than the log, which ends with event `last`."""
    if state.seq > last:
        raise ValueError(f"a snapshot of event {state.seq}, and the log ends with event {last}")
