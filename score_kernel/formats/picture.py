"""A take as a still picture: one row a part, one bar a contribution, over time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..score.state import ANSWERED
from . import ink
from .ink import cut, escape, letters, number, seconds
from .summary import tally

if TYPE_CHECKING:
    from ..score.state import ContributionState, ScoreState, TakeState

MOST_BYTES = 40_000
WIDTH = 960.0
NAMES = 168.0
"""The width of the names at the left."""
AFTER = 190.0
"""Room at the right for the words behind the last bars."""
ROW, BAR = 34.0, 18.0
TOP = 74.0
MARKER = 22.0
"""How wide a bar of no duration is drawn: what was reused."""


def performance_svg(state: ScoreState, take: str) -> str:
    """A take as SVG of at most 40,000 bytes, whatever its size.

    What does not fit is counted (`and 23 more parts`, `+40 before`). `state` may be a whole score or
    an excerpt of this take.

    >>> performance_svg(state, "take1")                         # doctest: +SKIP
    """
    rows, bars = 24, 40
    while True:
        svg = _Picture(state, state.takes[take], rows, bars).svg()
        if len(svg.encode("utf-8")) <= MOST_BYTES or (rows, bars) == (1, 1):
            return svg
        rows, bars = (rows, max(1, bars // 2)) if bars > 5 or rows == 1 else (max(1, rows * 3 // 4), bars)


@dataclass(frozen=True, slots=True)
class _Bar:
    c: ContributionState
    x0: float
    x1: float
    y: float

    @property
    def top(self) -> float:
        return self.y - BAR / 2


class _Picture:
    def __init__(self, state: ScoreState, take: TakeState, rows: int, bars: int) -> None:
        self.state, self.take = state, take
        names = list(dict.fromkeys([*take.plan.names, *(c.part for c in take.contributions.values())]))
        self.names = names if len(names) <= rows else names[: max(1, rows - 1)]
        self.more = names[len(self.names) :]
        self.end = max(float(take.at), 1.0)
        self.rows: dict[str, list[ContributionState]] = {name: take.of(name) for name in self.names}
        self.before = {name: max(0, len(found) - bars) for name, found in self.rows.items()}
        self.bars: dict[int, _Bar] = {}
        for row, (name, found) in enumerate(self.rows.items()):
            for c in found[self.before[name] :]:
                if c.entered is not None:
                    self.bars[c.c] = self._bar(c, TOP + ROW * (row + 0.5))
        self.used: Counter[str] = Counter()

    def _x(self, ms: float) -> float:
        return NAMES + (WIDTH - NAMES - AFTER) * ms / self.end

    def _bar(self, c: ContributionState, y: float) -> _Bar:
        assert c.entered is not None
        x0 = self._x(c.entered)
        if c.status == "reused":
            return _Bar(c, x0, x0 + MARKER, y)
        ended = self.take.at if c.ended is None else c.ended
        return _Bar(c, x0, max(x0 + 3, self._x(ended)), y)

    # The whole ----------------------------------------------------------------------------

    def svg(self) -> str:
        bottom = TOP + ROW * len(self.names)
        body = [self._ruler(bottom), self._hand_offs(), *(self._drawn(bar) for bar in self.bars.values())]
        for row, name in enumerate(self.names):
            body.append(self._row(row, name))
        body.extend(self.tips)
        foot = bottom + 24
        if self.more:
            body.append(letters(20, foot, self._folded(), 12, fill=ink.MUTED))
            foot += 22
        body.append(self._legend(foot))
        told = f"{self.state.title or 'Performance'}: {tally(self.state, self.take.id)}"
        w, h = number(WIDTH), number(foot + 18)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
            f' role="img" font-family="{ink.FONT}"><title>{escape(told[:200])}</title>'
            f'<defs><pattern id="failed" width="6" height="6" patternUnits="userSpaceOnUse"'
            f' patternTransform="rotate(45)"><path d="M0 0H6V6H0z" fill="{ink.PAPER}"/>'
            f'<path d="M0 0H3V6H0z" fill="{ink.FAILED}"/></pattern></defs>'
            f'<rect width="100%" height="100%" fill="{ink.PAPER}"/>{self._head()}{"".join(body)}</svg>'
        )

    def _head(self) -> str:
        label = self.state.name_of(self.take.id)
        title = " · ".join(filter(None, (self.state.title, label))) or "Performance"
        told = f"{tally(self.state, self.take.id)} · {seconds(self.take.at)}"
        room = WIDTH - 60 - ink.width(told, 13)
        return letters(20, 30, cut(title, room, 16, bold=True), 16, bold=True) + letters(
            WIDTH - 20, 30, told, 13, anchor="end"
        )

    def _ruler(self, bottom: float) -> str:
        step = _step(self.end)
        decimals = 0 if step >= 1000 else 1 if step >= 100 else 2 if step >= 10 else 3
        lines: list[str] = []
        words: list[str] = []
        for at in range(int(self.end // step) + 1):
            x = self._x(at * step)
            lines.append(f"M{number(x)} {number(TOP - 8)}V{number(bottom)}")
            words.append(
                letters(
                    x, TOP - 14, f"{at * step / 1000:.{decimals}f} s", 11, fill=ink.MUTED, anchor="middle"
                )
            )
        rules = "".join(
            f"M20 {number(TOP + ROW * row)}H{number(WIDTH - 20)}" for row in range(len(self.names) + 1)
        )
        return f'<path d="{rules}{"".join(lines)}" stroke="{ink.GRID}" fill="none"/>{"".join(words)}'

    def _folded(self) -> str:
        statuses = Counter(c.status if (c := self.take.last(name)) else "waiting" for name in self.more)
        told = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
        return f"and {len(self.more)} more part{'s' if len(self.more) > 1 else ''}: {told}"

    # Rows ---------------------------------------------------------------------------------

    def _row(self, row: int, name: str) -> str:
        y = TOP + ROW * (row + 0.5)
        found = self.rows[name]
        out = [letters(20, y + 4.5, cut(name, NAMES - 36, 13, bold=True), 13, bold=True)]
        if self.before[name]:
            out.append(
                letters(NAMES - 6, y + 4, f"+{self.before[name]} before", 10, fill=ink.MUTED, anchor="end")
            )
        bars = [self.bars[c.c] for c in found if c.c in self.bars]
        for bar, following in zip(bars, [*bars[1:], None], strict=False):
            x = bar.x1 + (13 if bar.c.status == "failed" else 9)
            room = (following.x0 - 6 if following else WIDTH - 20) - x
            said = _said(bar.c)
            while len(said) > 1 and ink.width(" · ".join(said), 11) > room:
                said.pop()
            told = " · ".join(said)
            if following is None:
                told = cut(told, room, 11)
            if told and ink.width(told, 11) <= room:
                out.append(_haloed(x, y + 4, told))
        last = found[-1] if found else None
        if last is None or last.entered is None:
            x = (bars[-1].x1 + 80 if bars else NAMES) + 6
            told = "waiting" if last is None else _silent(last)
            out.append(_haloed(x, y + 4, cut(told, WIDTH - 20 - x, 11)))
        return "".join(out)

    # Bars ---------------------------------------------------------------------------------

    def _drawn(self, bar: _Bar) -> str:
        c = bar.c
        kind = c.player.kind if c.player else "model"
        if c.player and c.player.scripted:
            kind = "script"
        fill = ink.FILLS.get(kind, ink.FILLS["model"])
        x0, x1, top, bottom = bar.x0, bar.x1, bar.top, bar.top + BAR
        box = f"M{number(x0)} {number(top)}H{number(x1)}V{number(bottom)}H{number(x0)}z"
        match c.status:
            case "reused":
                self.used["reused"] += 1
                inner = f"M{number(x0 + 4)} {number(bar.y)}H{number(x1 - 4)}"
                return (
                    f'<path d="{box}" fill="{ink.PAPER}" stroke="{ink.INK}" stroke-width="2"/>'
                    f'<path d="{inner}" stroke="{fill}" stroke-width="5"/>'
                )
            case "failed":
                self.used["failed"] += 1
                middle = x1
                cross = f"M{number(middle - 4)} {number(bar.y - 4)}l8 8m0-8l-8 8"
                return (
                    f'<path d="{box}" fill="url(#failed)" stroke="{ink.INK}"/>{self._tries(bar)}'
                    f'<circle cx="{number(middle)}" cy="{number(bar.y)}" r="7.5" fill="{ink.PAPER}"'
                    f' stroke="{ink.INK}"/><path d="{cross}" stroke="{ink.INK}" stroke-width="2"/>'
                )
            case "cut":
                self.used["cut"] += 1
                self.used[kind] += 1
                torn = _ragged(x0, x1, top, bottom)
                return f'<path d="{torn}" fill="{fill}" stroke="{ink.INK}"/>{self._tries(bar)}'
            case "playing" | "held":
                self.used[kind] += 1
                open_box = f"M{number(x1)} {number(top)}H{number(x0)}V{number(bottom)}H{number(x1)}"
                return (
                    f'<path d="{box}" fill="{fill}"/><path d="{open_box}" fill="none" stroke="{ink.INK}"/>'
                    f'<path d="M{number(x1)} {number(top - 3)}V{number(bottom + 3)}" stroke="{ink.INK}"'
                    f' stroke-width="1.5" stroke-dasharray="3 2"/>{self._tries(bar)}'
                )
            case _:
                self.used[kind] += 1
                return f'<path d="{box}" fill="{fill}" stroke="{ink.INK}"/>{self._tries(bar)}'

    def _tries(self, bar: _Bar) -> str:
        """A notch where a try failed and another began."""
        d = "".join(
            f"M{number(self._x(failed.at))} {number(bar.top)}v{number(BAR)}" for failed in bar.c.tries[:20]
        )
        return f'<path d="{d}" stroke="{ink.INK}" stroke-width="2"/>' if d else ""

    # Hand-offs ----------------------------------------------------------------------------

    def _hand_offs(self) -> str:
        self.tips: list[str] = []
        lines: dict[str, None] = {}
        for bar in self.bars.values():
            if bar.c.status == "reused":
                continue
            for source in self._inputs(bar.c):
                line, tip = _elbow(source, bar)
                lines[line] = None
                self.tips.append(tip)
        self.tips = [f'<path d="{"".join(dict.fromkeys(self.tips))}" fill="{ink.INK}"/>'] if self.tips else []
        return (
            f'<path d="{"".join(lines)}" fill="none" stroke="{ink.LINE}" stroke-width="1.3"/>'
            if lines
            else ""
        )

    def _inputs(self, c: ContributionState) -> list[_Bar]:
        read = {(r.entry, r.version) for r in c.reads if r.entry.startswith("part/")}
        found: dict[str, _Bar] = {}
        for bar in self.bars.values():
            other = bar.c
            if (
                (other.entry, other.version) in read
                and other.status in ANSWERED
                and other.ended is not None
                and c.entered is not None
                and other.ended <= c.entered
            ):
                found[other.entry] = bar
        return list(found.values())

    def _legend(self, y: float) -> str:
        x, out = 20.0, ""
        told = {"model": "model", "python": "Python", "script": "scripted", "human": "human"}
        for kind, words in told.items():
            if self.used[kind]:
                out += (
                    f'<rect x="{number(x)}" y="{number(y - 9)}" width="16" height="10"'
                    f' fill="{ink.FILLS[kind]}" stroke="{ink.INK}"/>'
                    + letters(x + 22, y, words, 11, fill=ink.MUTED)
                )
                x += 40 + ink.width(words, 11)
        for status, words in (("reused", "reused, not played again"), ("failed", "failed"), ("cut", "cut")):
            if not self.used[status]:
                continue
            top, bottom = y - 9, y + 1
            if status == "cut":
                shape = f'<path d="{_ragged(x, x + 16, top, bottom)}" fill="{ink.PAPER}" stroke="{ink.INK}"/>'
            else:
                fill = "url(#failed)" if status == "failed" else ink.PAPER
                thick = 2 if status == "reused" else 1
                shape = (
                    f'<rect x="{number(x)}" y="{number(top)}" width="16" height="10" fill="{fill}"'
                    f' stroke="{ink.INK}" stroke-width="{thick}"/>'
                )
            out += shape + letters(x + 22, y, words, 11, fill=ink.MUTED)
            x += 40 + ink.width(words, 11)
        return out


def _step(end: float) -> float:
    """Milliseconds between two marks of the ruler: at most nine of them, in ones, twos and fives."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if end / (step * factor) <= 9:
                return step * factor
        step *= 10


def _said(c: ContributionState) -> list[str]:
    """What is said behind a bar, the most important first."""
    match c.status:
        case "played":
            said = []
        case "failed" | "cut":
            said = [f"{c.status}: {c.why}" if c.why else c.status]
        case _:
            said = [c.status]
    if c.player and c.player.scripted:
        said.insert(0, "scripted")
    said.extend(dict.fromkeys(flag.flag for flag in c.flags if flag.flag != c.why))
    if c.tries:
        said.append(f"{len(c.tries)} retr{'y' if len(c.tries) == 1 else 'ies'}")
    if c.ended is not None and c.status != "reused":
        said.append(seconds(c.ended - (c.entered or 0)))
    return said


def _silent(c: ContributionState) -> str:
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


def _haloed(x: float, y: float, text: str) -> str:
    """Words that lines may pass behind."""
    back = (
        f'<rect x="{number(x - 2)}" y="{number(y - 10)}" width="{number(ink.width(text, 11) + 4)}"'
        f' height="14" fill="{ink.PAPER}"/>'
    )
    return back + letters(x, y, text, 11)


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


def _elbow(source: _Bar, bar: _Bar) -> tuple[str, str]:
    """The line from where the input ended to where the bar enters, and its tip."""
    down = bar.y > source.y
    if bar.x0 - source.x1 >= 16:
        turn = source.x1 + 6
        line = f"M{number(source.x1)} {number(source.y)}H{number(turn)}V{number(bar.y)}H{number(bar.x0 - 6)}"
        return line, f"M{number(bar.x0)} {number(bar.y)}l-8-4v8z"
    turn = max(source.x1, bar.x0) + 6
    edge = bar.top if down else bar.top + BAR
    sign = -1 if down else 1
    line = f"M{number(source.x1)} {number(source.y)}H{number(turn)}V{number(edge + sign * 6)}"
    return line, f"M{number(turn)} {number(edge)}l-4 {8 * sign}h8z"
