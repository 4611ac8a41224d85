"""The plan as a drawn graph: who plays, and what waits for what, from left to right."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, sqrt
from typing import TYPE_CHECKING

from . import ink
from .ink import cut, escape, letters, number
from .layers import arrange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..score.plan import Part, Plan
    from .layers import Layout, Spot

MARGIN = 20.0
WIDEST = 1600.0
"""Beyond this many pixels the graph goes on below, as the systems of a score do."""
TWINS = 4
"""So many parts that wait for the same and are waited for by the same stand in one frame, as one."""
INSET = 10.0
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
        parts = {part.name: part for part in plan.in_order()}
        self.small = len(parts) > MANY
        self.groups = _groups(tuple(parts.values()))
        group_of = {part.name: group for group, members in self.groups.items() for part in members}
        before = {
            group: tuple(dict.fromkeys(group_of[name] for name in members[0].after))
            for group, members in self.groups.items()
        }
        depth: dict[str, int] = {}
        for group, comes_after in before.items():
            depth[group] = 1 + max((depth[other] for other in comes_after), default=0)
        narrow = self.small or max(depth.values(), default=0) > 5
        self.box_h, self.gap, self.lane = (42.0, 14.0, 14.0) if self.small else (64.0, 22.0, 18.0)
        self.box_w, self.between = (150.0, 44.0) if narrow else (190.0, 64.0)
        self.size = {group: self._size(len(members)) for group, members in self.groups.items()}
        heights = {group: high for group, (_, high) in self.size.items()}
        self.layout: Layout = arrange(before, heights, self.gap, self.lane)
        self.tips: list[str] = []
        self._into_columns()
        self._into_bands()

    def _size(self, members: int) -> tuple[float, float]:
        if members == 1:
            return self.box_w, self.box_h
        rows, columns = _grid(members)
        return (
            columns * (self.box_w + INSET) + INSET,
            rows * (self.box_h + INSET) + INSET,
        )

    # Columns, and bands of them -----------------------------------------------------------

    def _into_columns(self) -> None:
        """How wide each column is, where it begins, and which band it is in."""
        self.wide = [
            max((self.size[spot][0] for spot in column if isinstance(spot, str)), default=self.box_w)
            for column in self.layout.columns
        ]
        self.start: list[float] = []
        self.band: list[int] = []
        x, band, furthest = 0.0, 0, 0.0
        for wide in self.wide:
            if x and x + wide > WIDEST - 2 * MARGIN:
                x, band = 0.0, band + 1
            self.start.append(x)
            self.band.append(band)
            furthest = max(furthest, x + wide)
            x += wide + self.between
        self.content = furthest

    def _into_bands(self) -> None:
        """How far down each band is, and where the edges between two bands run."""
        bands = 1 + max(self.band, default=0)
        crossing: list[list[tuple[Spot, Spot]]] = [[] for _ in range(bands)]
        for way in self.layout.ways.values():
            for one, other in pairwise(way):
                if self.band[self._column(one)] != self.band[self._column(other)]:
                    crossing[self.band[self._column(other)]].append((one, other))
        self.shift: list[float] = []
        self.gutter: dict[tuple[Spot, Spot], tuple[float, float]] = {}
        y = MARGIN
        for band, edges in enumerate(crossing):
            starts = sorted({one for one, _ in edges}, key=lambda spot: self.layout.middle[spot])
            for edge in edges:
                turn = 7.0 * starts.index(edge[0])
                self.gutter[edge] = (y + turn, turn)
            if edges:
                y += 7.0 * len(starts) + 16
            columns = (c for c, of in zip(self.layout.columns, self.band, strict=True) if of == band)
            extents = [self._extent(spot) for column in columns for spot in column]
            top = min((above for above, _ in extents), default=0.0)
            bottom = max((below for _, below in extents), default=0.0)
            self.shift.append(y - top)
            y += bottom - top + (22 if band < bands - 1 else 0)
        self.height = y + MARGIN
        side = 10 + max((turn for _, turn in self.gutter.values()), default=-10)
        self.left = MARGIN + side
        self.width = 2 * self.left + self.content

    def _column(self, spot: Spot) -> int:
        return self.layout.layer[spot] if isinstance(spot, str) else spot[2]

    def _extent(self, spot: Spot) -> tuple[float, float]:
        half = (self.size[spot][1] if isinstance(spot, str) else self.lane) / 2
        return self.layout.middle[spot] - half, self.layout.middle[spot] + half

    def _x(self, spot: Spot) -> tuple[float, float]:
        """Where a spot begins and ends; what is narrower than its column stands in its middle."""
        column = self._column(spot)
        wide = self.size[spot][0] if isinstance(spot, str) else self.wide[column]
        begin = self.left + self.start[column] + (self.wide[column] - wide) / 2
        return begin, begin + wide

    def _y(self, spot: Spot) -> float:
        return self.layout.middle[spot] + self.shift[self.band[self._column(spot)]]

    # Drawing ------------------------------------------------------------------------------

    def svg(self) -> str:
        arrows = "".join(self._arrow(way) for way in self.layout.ways.values())
        boxes = "".join(self._group(group) for group in self.groups)
        w, h = number(self.width), number(self.height)
        count = len(self.plan.names)
        title = f"Orchestration: {count} part{'s' if count != 1 else ''}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}"'
            f' role="img" font-family="{ink.FONT}"><title>{title}</title>'
            f'<rect width="100%" height="100%" fill="{ink.PAPER}"/>'
            f'<g fill="none" stroke="{ink.LINE}" stroke-width="1.4">{arrows}</g>'
            f'<g fill="{ink.LINE}">{"".join(self.tips)}</g>{boxes}</svg>'
        )

    def _port(self, group: str, came_from: Spot) -> float:
        """Where an arrow comes in: spread over the left side in the order they come, if there is room."""
        came = {way[-2] for way in self.layout.ways.values() if way[-1] == group}
        step = min(11.0, (self.size[group][1] - 20) / max(1, len(came) - 1))
        at = sorted(came, key=self._y).index(came_from)
        return self._y(group) + (at - (len(came) - 1) / 2) * (step if step >= 4 else 0)

    def _arrow(self, way: tuple[Spot, ...]) -> str:
        group = way[-1]
        assert isinstance(group, str)
        port = self._port(group, way[-2])
        x, y = self._x(way[0])[1], self._y(way[0])
        d = f"M{number(x)} {number(y)}"
        for one, other in pairwise(way):
            begin, end = self._x(other)
            last = other == group
            down = port if last else self._y(other)
            stop = begin - 6 if last else begin
            if (one, other) in self.gutter:
                d += self._round_the_band(stop, down, *self.gutter[one, other])
            else:
                # all bends of a column lie between its widest boxes, wherever these end
                column = self._column(one)
                edge = self.left + self.start[column] + self.wide[column]
                mid = (edge + self.left + self.start[self._column(other)]) / 2
                d += f"H{number(edge)}" if edge > x else ""
                d += f"C{number(mid)} {number(y)} {number(mid)} {number(down)} "
                near = self.left + self.start[self._column(other)] - (6 if last else 0)
                d += f"{number(near)} {number(down)}" + (f"H{number(stop)}" if stop > near else "")
            if not last:
                d += f"H{number(end)}"
            x, y = end, down
        self.tips.append(f'<path d="M{number(self._x(group)[0])} {number(port)}l-8-4v8z"/>')
        return f'<path d="{d}"/>'

    def _round_the_band(self, end: float, down: float, line: float, turn: float) -> str:
        """Out at the right, along the gutter between two bands, and in at the left."""
        out, back, r = self.width - MARGIN - turn, MARGIN + turn, 6.0
        return (
            f"H{number(out - r)}q{number(r)} 0 {number(r)} {number(r)}V{number(line - r)}"
            f"q0 {number(r)} {number(-r)} {number(r)}H{number(back + r)}"
            f"q{number(-r)} 0 {number(-r)} {number(r)}V{number(down - r)}"
            f"q0 {number(r)} {number(r)} {number(r)}H{number(end)}"
        )

    def _group(self, group: str) -> str:
        (x, _), (wide, high) = self._x(group), self.size[group]
        y, members = self._y(group) - high / 2, self.groups[group]
        if len(members) == 1:
            return self._box(members[0], x, y)
        _, columns = _grid(len(members))
        boxes = "".join(
            self._box(
                part,
                x + INSET + at % columns * (self.box_w + INSET),
                y + INSET + at // columns * (self.box_h + INSET),
            )
            for at, part in enumerate(members)
        )
        return (
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}" rx="10"'
            f' fill="{ink.PAPER}" stroke="{ink.LINE}"/>{boxes}'
        )

    def _box(self, part: Part, x: float, y: float) -> str:
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


def _groups(parts: tuple[Part, ...]) -> dict[str, list[Part]]:
    """Parts that are drawn together, by the name of the first; each after what it waits for."""
    onward: dict[str, set[str]] = {part.name: set() for part in parts}
    for part in parts:
        for before in part.after:
            onward[before].add(part.name)
    twins: dict[tuple[frozenset[str], frozenset[str]], list[Part]] = {}
    for part in parts:
        twins.setdefault((frozenset(part.after), frozenset(onward[part.name])), []).append(part)
    found: dict[str, list[Part]] = {}
    for members in twins.values():
        if len(members) >= TWINS:
            found[members[0].name] = members
        else:
            found.update((part.name, [part]) for part in members)
    return {part.name: found[part.name] for part in parts if part.name in found}


def _grid(members: int) -> tuple[int, int]:
    """Rows and columns for the parts of a frame."""
    columns = -(-members // max(6, ceil(sqrt(members * 2.2))))
    return -(-members // columns), columns
