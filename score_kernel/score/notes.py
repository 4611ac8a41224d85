"""What a note is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .state import ScoreState


def note_name(state: ScoreState, to: str, text: str, wanted: str = "", taken: Iterable[str] = ()) -> str:
    """A note's number: that of the same text to the same part, else `wanted`, else the next free one."""
    for note in state.sent:
        if note.to == to and note.note != "opening" and note.version and state.text(note.read) == text:
            return note.note
    used = {note.note for note in state.sent} | set(taken)
    if wanted and wanted not in used:
        return wanted
    return str(1 + max((int(name) for name in used - {"opening"}), default=0))
