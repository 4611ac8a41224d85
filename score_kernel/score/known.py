"""What a lineage of takes already knows: readings that were answered to their end.

Reuse after an edit, going on after a crash, rewinding and branching are all this one question.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from .state import ANSWERED

if TYPE_CHECKING:
    from .state import ContributionState, ScoreState


class Answer(Struct, frozen=True):
    """Contribution `c` of `take` answers a reading."""

    take: str
    c: int


class Known:
    """The answers that a new take may take over, found by digest.

    Known is what was played, or itself reused, in the lineage of `take` up to event `seq`, nearest
    take first. Equal digests are matched first to first; where a take asks for more of one digest
    than there are answers, the last one serves again: it is known.
    """

    def __init__(self, state: ScoreState, take: str | None, seq: int) -> None:
        self._answers: dict[str, list[Answer]] = {}
        self._asked: Counter[str] = Counter()
        for found, limit in state.lineage(take, seq):
            fresh: dict[str, list[Answer]] = {}
            for c in found.contributions.values():
                if c.status in ANSWERED and c.ended_seq <= limit and not c.kept:
                    fresh.setdefault(c.digest, []).append(Answer(found.id, c.c))
            for digest, answers in fresh.items():
                self._answers.setdefault(digest, answers)

    def __contains__(self, digest: object) -> bool:
        return digest in self._answers

    def take_over(self, digest: str) -> Answer | None:
        """The answer for this reading, or `None`. Asking counts: the next ask gets the next answer."""
        answers = self._answers.get(digest)
        if not answers:
            return None
        at = min(self._asked[digest], len(answers) - 1)
        self._asked[digest] += 1
        return answers[at]


def last_in_lineage(
    state: ScoreState, take: str | None, seq: int, part: str
) -> tuple[str, ContributionState] | None:
    """The newest answered contribution of a part in a lineage, with its take."""
    for found, limit in state.lineage(take, seq):
        for c in reversed(found.contributions.values()):
            if c.part == part and c.status in ANSWERED and c.ended_seq <= limit:
                return found.id, c
    return None
