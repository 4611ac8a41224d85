"""What is already known: readings that were answered to their end, and where.

Reuse after an edit, going on after a crash, rewinding and branching, replaying a recording on a
machine with no key: all are this one question.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from .state import ANSWERED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .recording import Recording
    from .state import ContributionState, ScoreState, TakeState, Verdict


class Answer(Struct, frozen=True):
    """Contribution `c` of `take` answers a reading; in a recording, if one is named."""

    take: str
    c: int
    recording: str = ""

    def __str__(self) -> str:
        return f"{self.take} of {self.recording}" if self.recording else self.take


class Known:
    """The answers that a new take may take over, found by digest.

    Known is what was played, or itself reused, in the lineage of `take` up to event `seq`, nearest
    take first; then what the `recordings` hold, their latest take's lineage first; then, with
    `others`, every other take of the score, newest first. Equal digests are matched first to first;
    where a take asks for more of one digest than there are answers, the last one serves again: it
    is known.
    """

    def __init__(
        self,
        state: ScoreState,
        take: str | None,
        seq: int,
        recordings: Iterable[Recording] = (),
        *,
        others: bool = False,
    ) -> None:
        self._state = state
        self._recordings = {recording.name: recording for recording in recordings}
        self._sources: list[tuple[str, ScoreState, TakeState, int]] = []
        lineage = list(state.lineage(take, seq))
        self._sources += [("", state, found, limit) for found, limit in lineage]
        for recording in self._recordings.values():
            self._sources += [(recording.name, recording.state, *found) for found in _all(recording.state)]
        if others:
            near = {found.id for found, _ in lineage}
            self._sources += [("", state, *found) for found in _all(state) if found[0].id not in near]
        self.lineage_only = not self._recordings and not others
        """Whether nothing but this score's own lineage is known."""
        self._answers: dict[str, list[Answer]] = {}
        self._asked: Counter[str] = Counter()
        for name, _, found, limit in self._sources:
            fresh: dict[str, list[Answer]] = {}
            for c in found.contributions.values():
                if (digest := c.known_for) and c.ended_seq <= limit:
                    fresh.setdefault(digest, []).append(Answer(found.id, c.c, name))
            for digest, answers in fresh.items():
                self._answers.setdefault(digest, answers)

    def __contains__(self, digest: object) -> bool:
        return digest in self._answers

    def answer(self, digest: str) -> Answer | None:
        """The answer that this reading would get next, or `None`."""
        answers = self._answers.get(digest)
        return answers[min(self._asked[digest], len(answers) - 1)] if answers else None

    def take_over(self, digest: str) -> Answer | None:
        """The answer for this reading, or `None`. Asking counts: the next ask gets the next answer."""
        answer = self.answer(digest)
        if answer is not None:
            self._asked[digest] += 1
        return answer

    @cached_property
    def _verdicts(self) -> dict[tuple[str, str, str, str, str], Verdict]:
        found: dict[tuple[str, str, str, str, str], Verdict] = {}
        for _, state, take, limit in self._sources:
            for c in take.contributions.values():
                if c.verdicts and c.ended_seq <= limit:
                    text = state.text_of(take.id, c) if c.version else ""
                    for v in c.verdicts:
                        about = "" if v.about == "when" else text
                        found.setdefault((v.about, v.predicate, v.source, v.digest, about), v)
        return found

    def verdict(self, about: str, predicate: str, source: str, digest: str, text: str) -> Verdict | None:
        """What a predicate said before, about the same reading and the same text, or `None`."""
        return self._verdicts.get((about, predicate, source, digest, text))

    @cached_property
    def _of_part(self) -> dict[str, list[Answer]]:
        answers: dict[str, list[Answer]] = {}
        for name, _, found, limit in self._sources:
            for c in reversed(found.contributions.values()):
                if c.answers and c.ended_seq <= limit:
                    answers.setdefault(c.part, []).append(Answer(found.id, c.c, name))
        return answers

    def recording(self, name: str) -> Recording:
        """The recording of that name."""
        return self._recordings[name]

    def state(self, answer: Answer) -> ScoreState:
        """The score that an answer is in."""
        return self._recordings[answer.recording].state if answer.recording else self._state

    def contribution(self, answer: Answer) -> ContributionState:
        """The contribution that answers."""
        return self.state(answer).takes[answer.take].contributions[answer.c]

    def text(self, answer: Answer) -> str:
        """What was played."""
        return self.state(answer).text_of(answer.take, self.contribution(answer))

    def of_part(self, part: str) -> Iterator[Answer]:
        """Every answer that a part ever gave, nearest first, the newest of a take first."""
        yield from self._of_part.get(part, ())

    def models(self, part: str) -> tuple[str, ...]:
        """The models that played a part, nearest first: those that a recording brings along.

        Empty where nothing but the lineage is known, as then a part's model is the present one.
        """
        if self.lineage_only:
            return ()
        players = (self.contribution(answer).player for answer in self.of_part(part))
        return tuple(dict.fromkeys(player.name for player in players if player and player.kind == "model"))


def _all(state: ScoreState) -> Iterator[tuple[TakeState, int]]:
    """Every take of a score to its end: the lineage of the latest first, then the others, newest first."""
    seen: set[str] = set()
    for take, _ in state.lineage(state.head, state.seq):
        seen.add(take.id)
        yield take, state.seq
    for take in reversed(state.takes.values()):
        if take.id not in seen:
            yield take, state.seq


def last_in_lineage(
    state: ScoreState, take: str | None, seq: int, part: str, item: int | None = None
) -> tuple[str, ContributionState] | None:
    """The newest answered contribution of a part, or of a section's `item`, in a lineage, with its take."""
    for found, limit in state.lineage(take, seq):
        n = found.newest.get(part, {}).get(-1 if item is None else item, 0)
        while n:
            c = found.contributions[n]
            if c.status in ANSWERED and c.ended_seq <= limit:
                return found.id, c
            n = c.before
        if part in found.sections:  # another number of items may have stood then
            for c in reversed(found.contributions.values()):
                if (c.part, c.item) == (part, item) and c.status in ANSWERED and c.ended_seq <= limit:
                    return found.id, c
    return None
