"""Small questions asked of a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$")


def code_blocks(text: str) -> tuple[str, ...]:
    """The contents of the fenced code blocks of a Markdown text, in order.

    A fence that is never closed runs to the end, as in CommonMark section 4.5.

    >>> code_blocks("Here:\\n```python\\nx = 1\\n```\\n")
    ('x = 1\\n',)
    """
    blocks: list[str] = []
    inside: list[str] | None = None
    fence, indent = "", 0
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if inside is None:
            if found and not ("`" in found["info"] and found["fence"][0] == "`"):
                inside, fence, indent = [], found["fence"], len(found["indent"])
        elif found and found["fence"].startswith(fence) and not found["info"].strip():
            blocks.append("".join(f"{kept}\n" for kept in inside))
            inside = None
        else:
            dedent = min(indent, len(line) - len(line.lstrip(" ")))
            inside.append(line[dedent:])
    if inside is not None:
        blocks.append("\n".join(inside))
    return tuple(blocks)


def first_line(text: str, width: int = 200) -> str:
    """The first line that says something, cut to `width` characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= width else line[: width - 1] + "…"


def shortened(text: str, width: int = 60) -> str:
    """A text within one line of a message: printable, and at most `width` characters.

    >>> shortened("a\\tname of\\nthree words", 11)
    'a name of …'
    """
    line = "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text[:1000].split()))
    return line if len(line) <= width else line[: width - 1] + "…"


def joined(pieces: Iterable[str]) -> str:
    """Pieces of a text as one, a character that was split between two of them made whole.

    A stream may part the two surrogates of a character. JSON and JavaScript know them as that
    character wherever they meet, and so must we, or a text would be another after it was saved.

    >>> joined(["a\\ud83c", "\\udfbb"]) == "a\\U0001f3bb"
    True
    """
    text = "".join(pieces)
    if text.isascii():
        return text
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
