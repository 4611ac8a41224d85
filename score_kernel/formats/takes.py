"""The takes of a score as the tree that they form, in text and as a Markdown table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .summary import tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..score.state import ScoreState


class TakeRow(NamedTuple):
    """A take: its label, the moment that it branched from, and how far it came.

    `depth` counts the forks above it: takes that follow one another stand below each other.
    """

    depth: int
    take: str
    label: str
    moment: str
    status: str
    played: str


class TakeTree(tuple[TakeRow, ...]):
    """All takes, each below the one that it branched from. Shows as a table."""

    __slots__ = ()

    @classmethod
    def of(cls, state: ScoreState) -> TakeTree:
        """The tree of a score's takes."""
        return cls(_rows(state))

    def __repr__(self) -> str:
        if not self:
            return _NONE
        columns = [("take", "label", "from", "status", "played"), *(_cells(row, "  ") for row in self)]
        widths = [max(map(len, column)) for column in zip(*columns, strict=True)]
        lines = ["  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)) for row in columns]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_markdown_(self) -> str:
        if not self:
            return _NONE
        rows = [f"| {' | '.join(_cells(row, '&emsp;'))} |" for row in self]
        return "\n".join(["| take | label | from | status | played |", "|---|---|---|---|---|", *rows])


_NONE = "There are no takes yet: run a %%conduct cell first."


def _cells(row: TakeRow, indent: str) -> tuple[str, ...]:
    return f"{indent * row.depth}{row.take}", row.label, row.moment, row.status, row.played


def _rows(state: ScoreState) -> Iterable[TakeRow]:
    """Every take, oldest first, each followed by those that branched from it."""
    children: dict[str | None, list[str]] = {}
    for take in state.takes.values():
        children.setdefault(take.parent, []).append(take.id)
    # a stack, and no recursion: takes that follow one another can be many
    stack = [(take, 0) for take in reversed(children.get(None, []))]
    while stack:
        name, depth = stack.pop()
        take = state.takes[name]
        played = tally(state, name).split(", ")[0]
        yield TakeRow(depth, name, state.name_of(name), _moment(state, name), take.status, played)
        own = children.get(name, [])
        stack += [(child, depth + (len(own) > 1)) for child in reversed(own)]


def _moment(state: ScoreState, name: str) -> str:
    """Where a take branched from, as one would write it."""
    take = state.takes[name]
    if take.parent is None:
        return ""
    ended = take.parent_seq >= state.takes[take.parent].last_seq
    return take.parent if ended else f"{take.parent}#{take.parent_seq}"
