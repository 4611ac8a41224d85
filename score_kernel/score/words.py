"""Two texts compared word by word."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
AROUND = 6
"""Words shown on either side of a change."""
MOST = 4000
"""Words of a text that are compared one by one: the comparison grows with their square."""


def word_diff(old: str, new: str) -> str:
    """What changed from one text to another, with a few words around: `the [-old-]{+new+} word`.

    The form is that of `git diff --word-diff=plain`, the algorithm Ratcliff and Obershelp's
    (`difflib`). Longer texts than `MOST` words are compared as far as that, from where they differ.

    >>> word_diff("a small discount code", "a small coupon code")
    'a small [-discount-]{+coupon+} code'
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    start = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    if start is None:
        start = min(len(before), len(after))
    skipped = max(0, start - 2 * AROUND)
    before, after = before[skipped : skipped + MOST], after[skipped : skipped + MOST]
    pieces: list[str] = ["… "] if skipped else []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    opcodes = matcher.get_opcodes()
    for number, (kind, i1, i2, j1, j2) in enumerate(opcodes):
        if kind != "equal":
            pieces.append(_marked("-", before[i1:i2]) + _marked("+", after[j1:j2]))
            continue
        first, last = number == 0, number == len(opcodes) - 1
        head = 0 if first else 2 * AROUND
        tail = 0 if last else 2 * AROUND
        same = before[i1:i2]
        if len(same) > head + tail:
            gap = "" if first and not pieces else " … "
            same = [*same[:head], gap if not last else " …", *(same[len(same) - tail :] if tail else [])]
        pieces.append("".join(same))
    return "".join(pieces).strip()


def _marked(sign: str, words: list[str]) -> str:
    if not words:
        return ""
    opening, closing = ("[-", "-]") if sign == "-" else ("{+", "+}")
    return f"{opening}{''.join(words)}{closing}"


def distance(old: str, new: str) -> int:
    """How many words one text has that the other has not: quick, and blind to their order."""
    before, after = Counter(_WORD.findall(old)), Counter(_WORD.findall(new))
    return ((before - after) + (after - before)).total()
