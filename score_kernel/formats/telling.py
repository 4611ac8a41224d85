"""A take told in words, for where no view can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..score import events as ev

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..score.state import ScoreState, TakeState

LONGEST = 60
"""Characters of a text that a line quotes."""


def telling(state: ScoreState, take_id: str, events: Iterable[ev.Event]) -> list[str]:
    """What happened in a take, a line each with the seconds since it began.

    >>> telling(state, "take1", events)                     # doctest: +SKIP
    ['   0.0 s  coder enters', '   2.1 s  coder has played: def add(a, b): ...', ...]
    """
    take = state.takes[take_id]
    told = ((event, _said(state, take, event)) for event in events)
    return [f"{(event.at or 0) / 1000:6.1f} s  {said}" for event, said in told if said]


def _said(state: ScoreState, take: TakeState, event: ev.Event) -> str:
    c = take.contributions.get(getattr(event, "c", 0))
    part = c.part if c is not None else ""
    text = _short(state.text_of(take.id, c)) if c is not None else ""
    match event:
        case ev.Entered():
            return f"{part} enters"
        case ev.Played() if c is not None and c.origin is not None:
            return f"{part} has given again what {c.origin.take} of {c.origin.recording} holds: {text}"
        case ev.Played():
            return f"{part} has played: {text}"
        case ev.Reused():
            return f"{part} is taken over from {event.of_take}: {text}"
        case ev.Retried():
            return f"{part} tries again: {event.message}"
        case ev.Failed():
            return f"{part} has failed: {event.message}"
        case ev.Cut():
            return f"{part} is cut ({event.by})"
        case ev.Muted() | ev.Skipped():
            return f"{part} does not play"
        case ev.Blocked():
            return f"{part} cannot play: {event.by} failed"
        case ev.ContributionHeld():
            return f"{part} waits: {event.why}"
        case ev.Released():
            return f"{part} is released"
        case ev.Flagged():
            return f"{part} is flagged {event.flag}: {event.evidence.text}"
        case ev.Noted():
            note = state.text(ev.Read(f"note/{event.note}", event.version))
            return f"a note to {event.to}: {_short(note)}"
        case ev.NoteDropped():
            return f"note {event.note} is dropped"
        case ev.Paused():
            return "the take pauses"
        case ev.Resumed():
            return "the take goes on"
        case ev.TakeHeld():
            return f"the take waits for {event.waits_for}"
        case ev.TakeEnded():
            return f"the take has {event.status}" if event.status != "stopped" else "the take is stopped"
        case _:
            return ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 4]} ..."
