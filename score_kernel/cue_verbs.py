"""What the verbs of `%cue` do: each is a call on the take that plays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from .api import Score

_RELEASE = re.compile(r"\s*release\s+--(?P<how>edit|back)\s+(?P<part>\S+?)\s*;?\s*")


def conduct_with(score: Score, verb: str, args: Namespace) -> str:
    """Do what a verb asks of the latest take. Gives a line that says what it did, where that is not seen."""
    if verb == "drop":
        score.drop(args.n)
        return f"Note {args.n} stands no longer."
    take = score.take
    match verb:
        case "pause":
            take.pause(args.now)
        case "resume":
            take.resume()
        case "stop":
            take.stop()
        case "enter":
            take.enter(args.part)
        case "mute":
            take.mute(args.part)
        case "unmute":
            take.unmute(args.part)
        case "release":
            take.release(args.part, args.edit, args.back, no=args.no)
        case "beat":
            take.beat(_beats(args.n))
        case "tempo":
            given = {name: value for name, value in vars(args).items() if value is not None}
            if not given:
                raise UsageError("%cue tempo changes what? For example --at-once 2, --lead conductor")
            take.set_tempo(**given)
        case _:
            raise NotImplementedError(verb)
    return ""


def release_cell(line: str, cell: str) -> tuple[str, str | None, str | None] | None:
    """(part, edit, back) of a `%%cue release --edit PART` cell, whose text is the cell; else `None`."""
    found = _RELEASE.fullmatch(line)
    if found is None:
        return None
    text = cell.strip("\n")
    if not text.strip():
        raise UsageError("the cell is empty: write the text below")
    return (found["part"], text, None) if found["how"] == "edit" else (found["part"], None, text)


def _beats(written: str) -> int:
    if written and not re.fullmatch(r"[1-9]\d{0,5}", written):
        raise UsageError(f"a number of beats is 1 or more, not {written}: %cue beat 2")
    return int(written or 1)
