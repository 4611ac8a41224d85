"""What differs between two takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UnknownName
from ..score.words import word_diff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..score.state import ContributionState, ScoreState, TakeState


@dataclass(frozen=True)
class PartDiff:
    """One part in two takes: how it stands in each, what it reads otherwise, its text as a diff."""

    name: str
    status: tuple[str, str]
    readings: tuple[str, ...]
    text: str

    @property
    def same(self) -> bool:
        """Whether it reads and plays the same in both."""
        return not self.readings and not self.text and self.status[0] == self.status[1]


@dataclass(frozen=True)
class TakeDiff:
    """Two takes beside each other, part by part."""

    takes: tuple[str, str]
    parts: tuple[PartDiff, ...]

    @classmethod
    def of(cls, state: ScoreState, first: str, second: str, part: str | None = None) -> TakeDiff:
        """Compare two takes, or one part of them. Raises `UnknownName` where neither has that part."""
        one, two = state.takes[first], state.takes[second]
        found = tuple(_parts(state, one, two))
        if part is not None:
            found = tuple(diff for diff in found if part in (diff.name, diff.name.partition("[")[0]))
            if not found:
                known = ", ".join(dict.fromkeys((*one.plan.names, *two.plan.names)))
                raise UnknownName(f"neither {first} nor {second} has a part {part!r}; there are {known}")
        return cls((first, second), found)

    def __repr__(self) -> str:
        first, second = self.takes
        lines = [f"{first} and {second}: {self._sum()}"]
        for diff in self.parts:
            if diff.same:
                continue
            lines += ["", f"{diff.name}: {_statuses(diff)}"]
            lines += [f"  reads otherwise: {reading}" for reading in diff.readings]
            lines += [f"    {line}" for line in diff.text.splitlines()]
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        first, second = self.takes
        lines = [f"**{first}** and **{second}**: {self._sum()}"]
        for diff in self.parts:
            if diff.same:
                continue
            lines += ["", f"**{diff.name}**: {_statuses(diff)}", ""]
            lines += [f"- reads otherwise: {reading}" for reading in diff.readings]
            if diff.text:
                fence = "~~~~"
                lines += ["", f"{fence}diff", diff.text, fence]
        return "\n".join(lines)

    def _sum(self) -> str:
        other = [diff.name for diff in self.parts if not diff.same]
        if not other:
            return "nothing differs"
        return f"{len(other)} of {len(self.parts)} differ"


def _statuses(diff: PartDiff) -> str:
    before, after = diff.status
    if diff.text:
        said = "another text"
    elif diff.readings:
        said = "the same text, for another reading"
    else:
        said = ""
    change = "" if before == after else f"{before or 'not there'}, then {after or 'not there'}"
    return "; ".join(filter(None, (change, said)))


def _parts(state: ScoreState, one: TakeState, two: TakeState) -> Iterator[PartDiff]:
    first = {c.name: c for c in one.standing()}
    second = {c.name: c for c in two.standing()}
    for name in dict.fromkeys((*first, *second)):
        a, b = first.get(name), second.get(name)
        before, after = _text(state, one, a), _text(state, two, b)
        yield PartDiff(
            name,
            (_status(a), _status(b)),
            tuple(_readings(a, b)),
            "" if before == after else word_diff(before, after),
        )


def _status(c: ContributionState | None) -> str:
    """How it stands; that it was reused is no difference."""
    return "" if c is None else "played" if c.status == "reused" else c.status


def _text(state: ScoreState, take: TakeState, c: ContributionState | None) -> str:
    return state.text_of(take.id, c) if c is not None and c.version else ""


def _readings(a: ContributionState | None, b: ContributionState | None) -> Iterator[str]:
    if a is None or b is None or a.digest == b.digest:
        return
    before, after = ({read.entry: read.version for read in c.reads} for c in (a, b))
    for entry in dict.fromkeys((*before, *after)):
        was, now = before.get(entry), after.get(entry)
        if was != now:
            yield f"{entry}, {_version(was)}, then {_version(now)}"


def _version(version: int | None) -> str:
    return "none" if version is None else f"version {version}"
