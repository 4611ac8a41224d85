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


class Enter(Struct, frozen=True, tag_field="type", tag="enter"):
    """Let a part in that waits for it. In a section, one player of it may be meant (`item`)."""

    part: str
    item: int | None = None


class Mute(Struct, frozen=True, tag_field="type", tag="mute"):
    """Let a part be silent in this take; what needs it goes on without it."""

    part: str


class Unmute(Struct, frozen=True, tag_field="type", tag="unmute"):
    """Let a muted part play after all."""

    part: str


class Release(Struct, frozen=True, tag_field="type", tag="release"):
    """Answer a hold or a tool's question: yes, or with `edit` (another text; for a tool other arguments),
    or with `back` (a note; for a tool what it is told instead), or `no`."""

    part: str
    edit: str | None = None
    back: str | None = None
    no: bool = False
    item: int | None = None


class GiveBeat(Struct, frozen=True, tag_field="type", tag="beat"):
    """With the conductor in the lead, let the next `n` entrances happen."""

    n: int = 1


class SetTempo(Struct, frozen=True, tag_field="type", tag="tempo"):
    """Change the tempo. `None` leaves what is there; 0 lifts a limit."""

    lead: str | None = None
    at_once: int | None = None
    rate: float | None = None
    deadline: float | None = None
    budget: float | None = None
    tokens: int | None = None


class Play(Struct, frozen=True, tag_field="type", tag="play"):
    """This text is a part's contribution: the conductor plays too."""

    part: str
    text: str
    item: int | None = None


class Branch(Struct, frozen=True, tag_field="type", tag="branch"):
    """Conduct from a moment (`take2@12.5s`)."""

    moment: str


Cue = (
    Pause
    | Resume
    | Stop
    | Note
    | Drop
    | Enter
    | Mute
    | Unmute
    | Release
    | GiveBeat
    | SetTempo
    | Play
    | Branch
)
