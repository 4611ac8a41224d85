"""The plan as a drawn graph: who plays, and what waits for what, from left to right."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from . import ink
from .ink import cut, escape, letters, number
from .layers import arrange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..score.plan import Part, Plan
    from .layers import Layout, Spot

MARGIN = 20.0
WIDEST = 1400.0
"""Beyond this many pixels the graph goes on below, as the systems of a score do."""
MANY = 16
"""Beyond this many parts the boxes are small, and roles are left out."""


def graph_svg(plan: Plan, *, standing: Mapping[str, str] | None = None) -> str:
    """The orchestration as SVG: one box a part, one arrow where a part waits for another.

    `standing` are the statuses to show, by part (`{"coder": "played"}`). The plan must be free of
    cycles and of unknown parts. The same plan is the same text.

    >>> graph_svg(Plan(parts=(Part("coder"), Part("tester", after=("coder",)))))   # doctest: +SKIP
    """
    return _Graph(plan, standing or {}).svg()


def plays(plan: Plan, part: Part) -> tuple[str, str]:
    """Who plays a part, as kind and name: `("model", "ollama/llama3.2")`, `("script", "lines")`."""
    if part.player:
        kind, _, name = part.player.partition(":")
        return kind, name
    model = part.model or plan.model
    if model:
        return "model", model
    if part.understudy:
        kind, _, name = part.understudy.partition(":")
        return kind, name
    return "model", ""


def label(kind: str, name: str) -> str:
    """Who plays, in a few words."""
    match kind:
        case "model":
            return name or "no model set"
        case "python":
            return f"python:{name}"
        case "script":
            return f"scripted ({name})" if name else "scripted"
        case _:
            return f"{kind}:{name}" if name else kind


class _Graph:
    def __init__(self, plan: Plan, standing: Mapping[str, str]) -> None:
        self.plan, self.standing = plan, standing
        self.parts = {part.name: part for part in plan.in_order()}
        self.small = len(self.parts) > MANY
        self.box_h, self.gap, self.lane = (42.0, 14.0, 14.0) if self.small else (64.0, 22.0, 18.0)
        before = {part.name: tuple(dict.fromkeys(part.after)) for part in self.parts.values()}
        self.layout: Layout = arrange(before, self.box_h, self.gap, self.lane)
        narrow = self.small or len(self.layout.columns) > 5
        self.box_w, self.between = (150.0, 44.0) if narrow else (190.0, 64.0)
        self.arrows: list[str] = []
        self._into_bands()

    # Columns in bands ---------------------------------------------------------------------

    def _into_bands(self) -> None:
        columns = self.layout.columns
        fit = max(2, int((WIDEST - 2 * MARGIN + self.between) // (self.box_w + self.between)))
        bands = max(1, -(-len(columns) // fit))
        self.per_band = -(-len(columns) // bands) if columns else 1
        crossing = [
            [
                (a, b)
                for way in self.layout.ways.values()
                for a, b in itertools.pairwise(way)
                if self._column(b) == first and first
            ]
            for first in range(0, len(columns), self.per_band)
        ]
        self.shift: list[float] = []
        self.gutter: dict[tuple[Spot, Spot], tuple[float, float]] = {}
        y = MARGIN
        for band, edges in enumerate(crossing):
            starts = sorted({a for a, _ in edges}, key=lambda spot: self.layout.middle[spot])
            for edge in edges:
                turn = 7.0 * starts.index(edge[0])
                self.gutter[edge] = (y + turn, turn)
            if edges:
                y += 7.0 * len(starts) + 16
            spots = [s for c in columns[band * self.per_band : (band + 1) * self.per_band] for s in c]
            top = min((self._extent(s)[0] for s in spots), default=0.0)
            bottom = max((self._extent(s)[1] for s in spots), default=self.box_h)
            self.shift.append(y - top)
            y += bottom - top + (22 if band < bands - 1 else 0)
        self.height = y + MARGIN
        side = 10 + max((turn for _, turn in self.gutter.values()), default=-10)
        self.left = MARGIN + side
        self.width = 2 * self.left + self.per_band * (self.box_w + self.between) - self.between

    def _column(self, spot: Spot) -> int:
        return self.layout.layer[spot] if isinstance(spot, str) else spot[2]

    def _extent(self, spot: Spot) -> tuple[float, float]:
        half = self.box_h / 2 if isinstance(spot, str) else self.lane / 2
        return self.layout.middle[spot] - half, self.layout.middle[spot] + half

    def _x(self, spot: Spot) -> float:
        return self.left + (self._column(spot) % self.per_band) * (self.box_w + self.between)

    def _y(self, spot: Spot) -> float:
        return self.layout.middle[spot] + self.shift[self._column(spot) // self.per_band]

    # Drawing ------------------------------------------------------------------------------

    def svg(self) -> str:
        arrows = "".join(self._arrow(way) for way in self.layout.ways.values())
        boxes = "".join(self._box(self.parts[name]) for name in self.plan.names)
        w, h = number(self.width), number(self.height)
        count = len(self.parts)
        title = f"Orchestration: {count} part{'s' if count != 1 else ''}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
            f' role="img" font-family="{ink.FONT}"><title>{title}</title>'
            f'<rect width="100%" height="100%" fill="{ink.PAPER}"/>'
            f'<g fill="none" stroke="{ink.LINE}" stroke-width="1.4">{arrows}</g>'
            f'<g fill="{ink.LINE}">{"".join(self.arrows)}</g>{boxes}</svg>'
        )

    def _ports(self, node: str) -> dict[Spot, float]:
        """Where the arrows come in, spread over the left side in the order they come from."""
        last = {way[-2]: self._y(way[-2]) for way in self.layout.ways.values() if way[-1] == node}
        came = sorted(last, key=lambda spot: last[spot])
        step = min(11.0, (self.box_h - 20) / max(1, len(came) - 1))
        return {spot: self._y(node) + (at - (len(came) - 1) / 2) * step for at, spot in enumerate(came)}

    def _arrow(self, way: tuple[Spot, ...]) -> str:
        node = way[-1]
        assert isinstance(node, str)
        port = self._ports(node)[way[-2]]
        x, y = self._x(way[0]) + self.box_w, self._y(way[0])
        d = f"M{number(x)} {number(y)}"
        for one, other in itertools.pairwise(way):
            end = self._x(other)
            down = port if other == node else self._y(other)
            stop = end - (6 if other == node else 0)
            if (one, other) in self.gutter:
                d += self._round_the_band(x, y, stop, down, *self.gutter[one, other])
            else:
                mid = (x + end) / 2
                d += f"C{number(mid)} {number(y)} {number(mid)} {number(down)} {number(stop)} {number(down)}"
            if other != node:
                d += f"H{number(end + self.box_w)}"
            x, y = end + self.box_w, down
        tip = self._x(node)
        self.arrows.append(f'<path d="M{number(tip)} {number(port)}l-8-4v8z"/>')
        return f'<path d="{d}"/>'

    def _round_the_band(self, x: float, y: float, end: float, down: float, line: float, turn: float) -> str:
        """Out at the right, along the gutter between two bands, and in at the left."""
        out = self.width - MARGIN - turn
        back = MARGIN + turn
        r = 6.0
        return (
            f"H{number(out - r)}q{number(r)} 0 {number(r)} {number(r)}V{number(line - r)}"
            f"q0 {number(r)} {number(-r)} {number(r)}H{number(back + r)}"
            f"q{number(-r)} 0 {number(-r)} {number(r)}V{number(down - r)}"
            f"q0 {number(r)} {number(r)} {number(r)}H{number(end)}"
        )

    def _box(self, part: Part) -> str:
        x, y = self._x(part.name), self._y(part.name) - self.box_h / 2
        kind, name = plays(self.plan, part)
        player, status = label(kind, name), self.standing.get(part.name, "")
        text, room = x + 16, self.box_w - 26
        size, first = (12.0, y + 17) if self.small else (14.0, y + 22)
        taken = ink.width(status, 10.5) + 8 if status else 0.0
        lines = [letters(text, first, cut(part.name, room - taken, size, bold=True), size, bold=True)]
        if status:
            lines.append(letters(x + self.box_w - 9, first, status, 10.5, fill=ink.MUTED, anchor="end"))
        if self.small:
            lines.append(letters(text, y + 33, cut(player, room, 10.5), 10.5, fill=ink.MUTED))
        elif part.role:
            lines.append(letters(text, y + 39, cut(part.role, room, 12), 12))
            lines.append(letters(text, y + 55, cut(player, room, 11), 11, fill=ink.MUTED))
        else:
            lines.append(letters(text, y + 43, cut(player, room, 11), 11, fill=ink.MUTED))
        told = escape(f"{part.name}: {part.role + ', ' if part.role else ''}{player}"[:200])
        dash = ' stroke-dasharray="5 3"' if kind == "script" else ""
        return (
            f"<g><title>{told}</title>"
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(self.box_w)}"'
            f' height="{number(self.box_h)}" rx="6" fill="{ink.CARD}" stroke="{ink.MUTED}"{dash}/>'
            f'<rect x="{number(x + 6)}" y="{number(y + 7)}" width="4" height="{number(self.box_h - 14)}"'
            f' rx="1" fill="{ink.FILLS.get(kind, ink.FILLS["model"])}" stroke="{ink.INK}"'
            f' stroke-width=".6"/>{"".join(lines)}</g>'
        )
