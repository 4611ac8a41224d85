"""A take as a still picture: one row a part, one bar a contribution, over time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..score.state import ANSWERED
from . import ink
from .bars import DEFS, Bar, drawn, elbow, legend, said, silent
from .ink import cut, escape, letters, number, seconds
from .summary import tally

if TYPE_CHECKING:
    from ..score.state import ContributionState, ScoreState, TakeState

MOST_BYTES = 40_000
WIDTH = 960.0
NAMES = 168.0
"""The width of the names at the left."""
AFTER = 216.0
"""Room at the right for the words behind the last bars."""
ROW = 34.0
TOP = 74.0
CROWD = 80
"""With more bars than this, hand-offs to the narrowest are left out."""
MARKER = 22.0
"""How wide a bar of no duration is drawn: what was reused."""


def performance_svg(state: ScoreState, take: str) -> str:
    """A take as SVG of at most 40,000 bytes, whatever its size.

    What does not fit is counted (`and 23 more parts`, `+40 before`). `state` may be a whole score or
    an excerpt of this take.

    >>> performance_svg(state, "take1")                         # doctest: +SKIP
    """
    rows, bars = 24, 24
    while True:
        svg = _Picture(state, state.takes[take], rows, bars).svg()
        if len(svg.encode("utf-8")) <= MOST_BYTES or (rows, bars) == (1, 1):
            return svg
        rows, bars = (rows, max(1, bars // 2)) if bars > 5 or rows == 1 else (max(1, rows * 3 // 4), bars)


class _Picture:
    def __init__(self, state: ScoreState, take: TakeState, rows: int, bars: int) -> None:
        self.state, self.take = state, take
        names = list(dict.fromkeys([*take.plan.names, *(c.part for c in take.contributions.values())]))
        self.names = names if len(names) <= rows else names[: max(1, rows - 1)]
        self.more = names[len(self.names) :]
        self.end = max(float(take.at), 1.0)
        self.rows: dict[str, list[ContributionState]] = {name: take.of(name) for name in self.names}
        self.before = {name: max(0, len(found) - bars) for name, found in self.rows.items()}
        self.bars: dict[int, Bar] = {}
        for row, (name, found) in enumerate(self.rows.items()):
            for c in found[self.before[name] :]:
                if c.entered is not None:
                    self.bars[c.c] = self._bar(c, TOP + ROW * (row + 0.5))

    def _x(self, ms: float) -> float:
        return NAMES + (WIDTH - NAMES - AFTER) * ms / self.end

    def _bar(self, c: ContributionState, y: float) -> Bar:
        assert c.entered is not None
        x0 = self._x(c.entered)
        if c.status == "reused" and c.origin is None:
            return Bar(c, x0, x0 + MARKER, y)
        ended = self.take.at if c.ended is None else c.ended
        tries = tuple(self._x(failed.at) for failed in c.tries[:20])
        return Bar(c, x0, max(x0 + 3, self._x(ended)), y, tries)

    # The whole ----------------------------------------------------------------------------

    def svg(self) -> str:
        bottom = TOP + ROW * len(self.names)
        body = [self._ruler(bottom), self._hand_offs(), *map(drawn, self.bars.values())]
        for row, name in enumerate(self.names):
            body.append(self._row(row, name))
        body.extend(self.tips)
        foot = bottom + 24
        if self.more:
            body.append(letters(20, foot, self._folded(), 12, fill=ink.MUTED))
            foot += 22
        used = {shown for bar in self.bars.values() for shown in bar.shown_as}
        body.append(legend(foot, used))
        told = f"{self.take.title or 'Performance'}: {tally(self.state, self.take.id)}"
        w, h = number(WIDTH), number(foot + 18)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
            f' role="img" font-family="{ink.FONT}"><title>{escape(told[:200])}</title>'
            f'{DEFS}<rect width="100%" height="100%" fill="{ink.PAPER}"/>{self._head()}{"".join(body)}</svg>'
        )

    def _head(self) -> str:
        label = self.state.name_of(self.take.id)
        title = " · ".join(filter(None, (self.take.title, label))) or "Performance"
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
            earlier = found[: self.before[name]]
            x0 = self._x(next((c.entered for c in earlier if c.entered is not None), 0))
            x1 = self._x(max((c.ended or 0) for c in earlier))
            out.append(
                f'<rect x="{number(x0)}" y="{number(y - 3)}" width="{number(max(3, x1 - x0))}" height="6"'
                f' fill="{ink.GRID}" stroke="{ink.MUTED}" stroke-width=".6"/>'
            )
            out.append(
                letters(NAMES - 6, y + 4, f"+{self.before[name]} before", 10, fill=ink.MUTED, anchor="end")
            )
        bars = [self.bars[c.c] for c in found if c.c in self.bars]
        for bar, following in zip(bars, [*bars[1:], None], strict=False):
            x = bar.x1 + (13 if bar.c.status == "failed" else 9)
            room = (following.x0 - 6 if following else WIDTH - 20) - x
            words = said(bar.c)
            while len(words) > 1 and ink.width(" · ".join(words), 11) > room:
                words.pop()
            told = " · ".join(words)
            if following is None:
                told = cut(told, room, 11)
            if told and ink.width(told, 11) <= room:
                out.append(_haloed(x, y + 4, told))
        last = found[-1] if found else None
        if last is None or last.entered is None:
            x = (bars[-1].x1 + 80 if bars else NAMES) + 6
            told = "waiting" if last is None else silent(last)
            out.append(_haloed(x, y + 4, cut(told, WIDTH - 20 - x, 11)))
        return "".join(out)

    # Hand-offs ----------------------------------------------------------------------------

    def _hand_offs(self) -> str:
        self.tips: list[str] = []
        lines: dict[str, None] = {}
        for bar in self.bars.values():
            if bar.c.status == "reused" and bar.c.origin is None:
                continue
            for source in self._inputs(bar.c):
                if len(self.bars) > CROWD and bar.x1 - bar.x0 < 8:
                    continue
                line, tip = elbow(source, bar)
                lines[line] = None
                self.tips.append(tip)
        self.tips = [f'<path d="{"".join(dict.fromkeys(self.tips))}" fill="{ink.INK}"/>'] if self.tips else []
        return (
            f'<path d="{"".join(lines)}" fill="none" stroke="{ink.LINE}" stroke-width="1.3"/>'
            if lines
            else ""
        )

    def _inputs(self, c: ContributionState) -> list[Bar]:
        read = {(r.entry, r.version) for r in c.reads if r.entry.startswith("part/")}
        found: dict[str, Bar] = {}
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


def _step(end: float) -> float:
    """Milliseconds between two marks of the ruler: at most nine of them, in ones, twos and fives."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if end / (step * factor) <= 9:
                return step * factor
        step *= 10


def _haloed(x: float, y: float, text: str) -> str:
    """Words that lines may pass behind."""
    back = (
        f'<rect x="{number(x - 2)}" y="{number(y - 10)}" width="{number(ink.width(text, 11) + 4)}"'
        f' height="14" fill="{ink.PAPER}"/>'
    )
    return back + letters(x, y, text, 11)
