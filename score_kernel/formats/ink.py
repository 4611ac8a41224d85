"""The colours and the lettering that all drawings share.

Drawings stand in pages that may be light or dark, inside an `<img>` that knows nothing of either, so
they bring their own paper. The fills are Okabe and Ito's palette for the colour-blind
(https://jfly.uni-koeln.de/color/), outlined, as not all of it shows on white; letters are only ever
`INK` or `MUTED`, on `PAPER` or `CARD`, at a contrast of 4.5 or more (WCAG 2.2, AA).
"""

from __future__ import annotations

import html
import re
import unicodedata

PAPER = "#ffffff"
CARD = "#f6f8fa"
INK = "#1f2328"
MUTED = "#57606a"
LINE = "#6e7781"
GRID = "#d8dee4"
EDGE = "#afb8c1"

FILLS = {"model": "#56b4e9", "python": "#009e73", "script": "#f0e442", "human": "#cc79a7"}
"""What a part's player is coloured by."""
FAILED = "#d55e00"

FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif"

_UNSPEAKABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW = frozenset("iljI.,:;'|!()[]{}/ tfr-`\"")
_WIDE = frozenset("mwMW@%")


def escape(text: str) -> str:
    """Text as XML may hold it: in one line, escaped, with a sign where XML knows no such character."""
    return html.escape(" ".join(_UNSPEAKABLE.sub("\ufffd", text).split()))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is at a font size, in pixels: what is drawn is not measured here.

    The page's font is not known: letters are taken as wide as DejaVu Sans's, the widest of those asked for.
    """
    units = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            units += 1.0
        elif unicodedata.combining(char):
            continue
        elif char in _NARROW:
            units += 0.39
        elif char in _WIDE:
            units += 0.98
        elif char.isupper():
            units += 0.74
        else:
            units += 0.63
    return units * size * (1.1 if bold else 1.0)


def cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """As much of a text as fits into `room` pixels, with an ellipsis where it was longer."""
    text = " ".join(text[:500].split())
    if width(text, size, bold=bold) <= room:
        return text
    while text and width(text + "…", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{round(value, 1):.1f}".removesuffix(".0")


def seconds(ms: float) -> str:
    """A duration in seconds, as it is shown: `0.3 s`, `12.5 s`, `140 s`."""
    return f"{ms / 1000:.0f} s" if ms >= 100_000 else f"{ms / 1000:.1f} s"


def letters(
    x: float, y: float, text: str, size: float, *, fill: str = INK, bold: bool = False, anchor: str = ""
) -> str:
    """One line of text, its baseline at `y`."""
    weight = ' font-weight="600"' if bold else ""
    at = f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{size:g}" fill="{fill}"{weight}{at}>'
        f"{escape(text)}</text>"
    )
