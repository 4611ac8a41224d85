"""Where the boxes of a directed graph go: in layers, from left to right.

The method is Sugiyama's (K. Sugiyama, S. Tagawa, M. Toda, 1981): layers by the longest path; edges
over several layers bend at a point in each between; the order within a layer by barycenters, to and
fro; then heights, as near to the neighbours' as the distances allow, which is an isotonic
regression and solved by pooling adjacent violators. All of it is deterministic.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SWEEPS = 12

Bend = tuple[str, str, int]
"""The point where the edge from a node to a node passes a layer."""
Spot = str | Bend


@dataclass(frozen=True)
class Layout:
    """The layer of each node, the middle of each spot (nodes and bends), and the way of each edge."""

    layer: Mapping[str, int]
    columns: tuple[tuple[Spot, ...], ...]
    middle: Mapping[Spot, float]
    ways: Mapping[tuple[str, str], tuple[Spot, ...]]


def arrange(
    before: Mapping[str, Sequence[str]], heights: Mapping[str, float], gap: float, lane: float
) -> Layout:
    """Lay out the nodes of `before` (each with those it comes after, none of them later in order).

    Nodes are as high as `heights` says and `gap` apart, bends `lane` (all in pixels). The topmost
    edge is at 0.
    """
    layer: dict[str, int] = {}
    for node, comes_after in before.items():
        layer[node] = 1 + max((layer[other] for other in comes_after), default=-1)
    columns: list[list[Spot]] = [[] for _ in range(1 + max(layer.values(), default=-1))]
    for node, at in layer.items():
        columns[at].append(node)
    ways: dict[tuple[str, str], tuple[Spot, ...]] = {}
    for node, comes_after in before.items():
        for other in comes_after:
            bends: list[Spot] = [(other, node, at) for at in range(layer[other] + 1, layer[node])]
            ways[other, node] = (other, *bends, node)
            for bend in bends:
                assert isinstance(bend, tuple)
                columns[bend[2]].append(bend)
    left: dict[Spot, list[Spot]] = {spot: [] for column in columns for spot in column}
    right: dict[Spot, list[Spot]] = {spot: [] for column in columns for spot in column}
    for way in ways.values():
        for one, other in itertools.pairwise(way):
            right[one].append(other)
            left[other].append(one)
    columns = _order(columns, left, right)
    middle = _heights(columns, left, right, heights, gap, lane)
    return Layout(layer, tuple(map(tuple, columns)), middle, ways)


def _order(
    columns: list[list[Spot]], left: Mapping[Spot, list[Spot]], right: Mapping[Spot, list[Spot]]
) -> list[list[Spot]]:
    best, fewest = [list(column) for column in columns], _crossings(columns, right)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        sides = left if forward else right
        for column in columns if forward else reversed(columns):
            rank = {spot: at for other in columns for at, spot in enumerate(other)}
            column.sort(key=lambda spot: _mean([rank[o] for o in sides[spot]], rank[spot]))
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(columns: Sequence[Sequence[Spot]], right: Mapping[Spot, list[Spot]]) -> int:
    count = 0
    for column, following in itertools.pairwise(columns):
        rank = {spot: at for at, spot in enumerate(following)}
        ends: list[int] = []
        for spot in column:
            for end in sorted(rank[other] for other in right[spot]):
                count += sum(1 for earlier in ends if earlier > end)
            ends.extend(rank[other] for other in right[spot])
    return count


def _heights(
    columns: Sequence[Sequence[Spot]],
    left: Mapping[Spot, list[Spot]],
    right: Mapping[Spot, list[Spot]],
    heights: Mapping[str, float],
    gap: float,
    lane: float,
) -> dict[Spot, float]:
    def half(spot: Spot) -> float:
        return (heights[spot] + gap) / 2 if isinstance(spot, str) else lane / 2

    middle: dict[Spot, float] = {}
    offsets: list[list[float]] = []
    for column in columns:
        offset = [0.0]
        for one, other in itertools.pairwise(column):
            offset.append(offset[-1] + half(one) + half(other))
        offsets.append(offset)
        middle.update((spot, at - offset[-1] / 2) for spot, at in zip(column, offset, strict=False))
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        indices = range(len(columns)) if forward else range(len(columns) - 1, -1, -1)
        for index in indices:
            column = columns[index]
            # the side that this sweep comes from leads, but the other is heard
            ahead, behind = (left, right) if forward else (right, left)
            spread: list[float] = []
            weights: list[float] = []
            for spot, at in zip(column, offsets[index], strict=True):
                near = [middle[o] for o in ahead[spot]] * 2 + [middle[o] for o in behind[spot]]
                spread.append(_mean(near, middle[spot]) - at)
                # what is a bend wants a straight line more than a node does, what is alone wants nothing
                weights.append((1.0 if isinstance(spot, str) else 4.0) if near else 1e-9)
            held = [want for want, weight in zip(spread, weights, strict=True) if weight >= 1] or spread
            spread = [
                want if weight >= 1 else _mean(held, 0.0)
                for want, weight in zip(spread, weights, strict=True)
            ]
            for spot, at, free in zip(column, offsets[index], _isotonic(spread, weights), strict=True):
                middle[spot] = free + at
    top = min((middle[s] - (heights[s] if isinstance(s, str) else lane) / 2 for s in middle), default=0.0)
    return {spot: round(at - top, 1) for spot, at in middle.items()}


def _isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The never falling sequence nearest to `values` by weighted squares (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pool = (value, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, count = pools.pop()
            total = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / total, total, count + pool[2])
        pools.append(pool)
    return [mean for mean, _, count in pools for _ in range(count)]
