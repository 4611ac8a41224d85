"""Everything that can be asked of a playing take, as one tagged union.

A cue is a wish. Buttons, magics and methods make the same ones; the conductor turns them into
events, or refuses them with one line. On the wire a cue is JSON: `{"type": "pause", "now": false}`.
"""

from __future__ import annotations

from msgspec import Struct


class Pause(Struct, frozen=True, tag_field="type", tag="pause"):
    """Let nothing new enter; what plays goes on to its end, or is cut (`now`)."""

    now: bool = False
    by: str = "conductor"


class Resume(Struct, frozen=True, tag_field="type", tag="resume"):
    """Go on."""


class Stop(Struct, frozen=True, tag_field="type", tag="stop"):
    """End the take here."""


class Note(Struct, frozen=True, tag_field="type", tag="note"):
    """Tell a part something, or `all`; with `now`, what plays is cut and enters again with it."""

    to: str
    text: str
    now: bool = False


class Drop(Struct, frozen=True, tag_field="type", tag="drop"):
    """Let a note, named by its number, no longer stand."""

    note: str


Cue = Pause | Resume | Stop | Note | Drop
