"""Two texts compared word by word."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
AROUND = 12
"""Words, blanks and signs that are shown on either side of a change."""
MOST = 400
"""Words of a change that are compared one by one: that grows with more than their square."""
LONGEST = 120
"""Characters of one piece that is shown whole, be it gone or new."""
ROOM = 800
"""Characters of a diff: it is to show what changed, not all that did."""


def word_diff(old: str, new: str) -> str:
    """What changed from one text to another, with a few words around: `the [-old-]{+new+} word`.

    The form is that of `git diff --word-diff=plain`. Lines are compared first, and then the words of
    the lines that differ, both by Ratcliff and Obershelp's algorithm (`difflib`). Long texts are
    shortened (`…`).

    >>> word_diff("a small discount code", "a small coupon code")
    'a small [-discount-]{+coupon+} code'
    """
    pieces: list[str] = []
    room = ROOM
    runs = list(_joined(_runs(old, new)))
    for number, (gone, come, same) in enumerate(runs):
        piece = (
            _around(same, first=number == 0, last=number == len(runs) - 1)
            if same
            else _marked("[-", gone, "-]") + _marked("{+", come, "+}")
        )
        if len(piece) > room:
            return "".join([*pieces, " …"]).strip()
        pieces.append(piece)
        room -= len(piece)
    return "".join(pieces).strip()


def _runs(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """Both texts in order, as (gone, come, same): either the last or one of the others is empty."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            yield "", "", "".join(before[i1:i2])
        else:
            yield from _words("".join(before[i1:i2]), "".join(after[j1:j2]))


def _words(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST:
        yield old, new, ""
        return
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "", "", "".join(before[i1:i2])
        else:
            yield "".join(before[i1:i2]), "".join(after[j1:j2]), ""


def _joined(runs: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """The runs, with what is the same on both sides of a line's end as one."""
    held = ""
    for gone, come, same in runs:
        if same:
            held += same
            continue
        if held:
            yield "", "", held
            held = ""
        yield gone, come, ""
    if held:
        yield "", "", held


def _around(same: str, *, first: bool, last: bool) -> str:
    """What is the same, shortened to what stands beside the changes before and after it."""
    words = _WORD.findall(same)
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    if len(words) <= head + tail:
        return same
    return "".join(
        [
            *words[:head],
            " … " if not first and not last else "… " if first else " …",
            *words[-tail or len(words) :],
        ]
    )


def _marked(opening: str, text: str, closing: str) -> str:
    if not text:
        return ""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
    return f"{opening}{text}{closing}"


def distance(old: str, new: str) -> int:
    """How many words one text has that the other has not: quick, and blind to their order."""
    before, after = Counter(_WORD.findall(old)), Counter(_WORD.findall(new))
    return ((before - after) + (after - before)).total()
