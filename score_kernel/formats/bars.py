"""The bars of a take's picture: their shapes, the words behind them, the lines between them.

Statuses are told by shape and by words, and only then by colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import ink
from .ink import letters, number, seconds

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..score.state import ContributionState

HEIGHT = 18.0
_KINDS = {"model": "model", "python": "Python", "script": "scripted", "human": "human"}
_STATUSES = {"reused": "reused, not played again", "failed": "failed", "cut": "cut"}
DEFS = (
    '<defs><pattern id="failed" width="6" height="6" patternUnits="userSpaceOnUse"'
    f' patternTransform="rotate(45)"><path d="M0 0H6V6H0z" fill="{ink.PAPER}"/>'
    f'<path d="M0 0H3V6H0z" fill="{ink.FAILED}"/></pattern></defs>'
)
"""What the shapes refer to; once in a picture."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One contribution from `x0` to `x1`, its middle at `y`; `tries` is where tries of it failed."""

    c: ContributionState
    x0: float
    x1: float
    y: float
    tries: tuple[float, ...] = ()

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y - HEIGHT / 2

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + HEIGHT / 2

    @property
    def kind(self) -> str:
        """What plays it, by colour."""
        if self.c.player is None:
            return "model"
        kind = "script" if self.c.player.scripted else self.c.player.kind
        return kind if kind in ink.FILLS else "model"

    @property
    def shown_as(self) -> tuple[str, ...]:
        """What the legend has to explain of it."""
        match self.c.status:
            case "reused" | "failed":
                return (self.c.status,)
            case "cut":
                return (self.kind, "cut")
            case _:
                return (self.kind,)


def drawn(bar: Bar) -> str:
    """A bar as its status has it: full, outlined, hatched, torn or open."""
    fill = ink.FILLS[bar.kind]
    x0, x1, top, bottom = bar.x0, bar.x1, bar.top, bar.bottom
    box = f"M{number(x0)} {number(top)}H{number(x1)}V{number(bottom)}H{number(x0)}z"
    match bar.c.status:
        case "reused":
            inner = f"M{number(x0 + 4)} {number(bar.y)}H{number(x1 - 4)}"
            return (
                f'<path d="{box}" fill="{ink.PAPER}" stroke="{ink.INK}" stroke-width="2"/>'
                f'<path d="{inner}" stroke="{fill}" stroke-width="5"/>'
            )
        case "failed":
            cross = f"M{number(x1 - 4)} {number(bar.y - 4)}l8 8m0-8l-8 8"
            return (
                f'<path d="{box}" fill="url(#failed)" stroke="{ink.INK}"/>{_tries(bar)}'
                f'<circle cx="{number(x1)}" cy="{number(bar.y)}" r="7.5" fill="{ink.PAPER}"'
                f' stroke="{ink.INK}"/><path d="{cross}" stroke="{ink.INK}" stroke-width="2"/>'
            )
        case "cut":
            torn = _ragged(x0, x1, top, bottom)
            return f'<path d="{torn}" fill="{fill}" stroke="{ink.INK}"/>{_tries(bar)}'
        case "playing" | "held":
            open_box = f"M{number(x1)} {number(top)}H{number(x0)}V{number(bottom)}H{number(x1)}"
            return (
                f'<path d="{box}" fill="{fill}"/><path d="{open_box}" fill="none" stroke="{ink.INK}"/>'
                f'<path d="M{number(x1)} {number(top - 3)}V{number(bottom + 3)}" stroke="{ink.INK}"'
                f' stroke-width="1.5" stroke-dasharray="3 2"/>{_tries(bar)}'
            )
        case _:
            return f'<path d="{box}" fill="{fill}" stroke="{ink.INK}"/>{_tries(bar)}'


def _tries(bar: Bar) -> str:
    """A notch where a try failed and another began."""
    d = "".join(f"M{number(x)} {number(bar.top)}v{number(HEIGHT)}" for x in bar.tries)
    return f'<path d="{d}" stroke="{ink.INK}" stroke-width="2"/>' if d else ""


def _ragged(x0: float, x1: float, top: float, bottom: float) -> str:
    """A box whose right end is torn."""
    teeth = 4
    high = (bottom - top) / teeth
    deep = min(5.0, x1 - x0)
    edge = "".join(
        f"L{number(x1 - (deep if tooth % 2 else 0))} {number(top + high * tooth)}"
        for tooth in range(teeth + 1)
    )
    return f"M{number(x0)} {number(top)}{edge}H{number(x0)}z"


def said(c: ContributionState) -> list[str]:
    """What is words behind a bar, the most important first."""
    match c.status:
        case "played":
            words = []
        case "failed" | "cut":
            words = [f"{c.status}: {c.why}" if c.why else c.status]
        case _:
            words = [c.status]
    if c.player and c.player.scripted:
        words.insert(0, "scripted")
    words.extend(dict.fromkeys(flag.flag for flag in c.flags if flag.flag != c.why))
    if c.tries:
        words.append(f"{len(c.tries)} retr{'y' if len(c.tries) == 1 else 'ies'}")
    if c.ended is not None and (c.status != "reused" or c.origin is not None):
        words.append(seconds(c.ended - (c.entered or 0)))
    return words


def silent(c: ContributionState) -> str:
    """What is said of a part that never entered."""
    match c.status:
        case "blocked":
            return f"blocked: needs {c.why}" if c.why else "blocked"
        case "cut":
            return "never entered"
        case "skipped":
            return f"skipped: {c.why}" if c.why else "skipped"
        case _:
            return c.status


def elbow(source: Bar, bar: Bar) -> tuple[str, str]:
    """The line from where the input ended to where the bar enters, and its tip."""
    down = bar.y > source.y
    if bar.x0 - source.x1 >= 16:
        turn = source.x1 + 6
        line = f"M{number(source.x1)} {number(source.y)}H{number(turn)}V{number(bar.y)}H{number(bar.x0 - 6)}"
        return line, f"M{number(bar.x0)} {number(bar.y)}l-8-4v8z"
    turn = max(source.x1, bar.x0) + 6
    edge = bar.top if down else bar.bottom
    sign = -1 if down else 1
    line = f"M{number(source.x1)} {number(source.y)}H{number(turn)}V{number(edge + sign * 6)}"
    return line, f"M{number(turn)} {number(edge)}l-4 {8 * sign}h8z"


def legend(y: float, used: Collection[str]) -> str:
    """What the shapes and the colours in use mean, in one line."""
    x, out = 20.0, ""
    for kind, words in {**_KINDS, **_STATUSES}.items():
        if kind not in used:
            continue
        box = f"M{number(x)} {number(y - 9)}h16v10h-16z"
        d = _ragged(x, x + 16, y - 9, y + 1) if kind == "cut" else box
        fill = ink.FILLS.get(kind, "url(#failed)" if kind == "failed" else ink.PAPER)
        thick = ' stroke-width="2"' if kind == "reused" else ""
        out += f'<path d="{d}" fill="{fill}" stroke="{ink.INK}"{thick}/>'
        out += letters(x + 22, y, words, 11, fill=ink.MUTED)
        x += 40 + ink.width(words, 11)
    return out
