"""What a conduct would play and why, without playing: the dry run, and "nothing is new"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..score.changes import changed
from ..score.events import Read
from ..score.known import Answer, Known, last_in_lineage
from ..score.reading import hears, read_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..score.plan import Part, Plan
    from ..score.ports import Player
    from ..score.reading import Context, Reading
    from ..score.state import ContributionState, ScoreState

PLAYS = frozenset({"plays", "may play"})


@dataclass(frozen=True)
class Wish:
    """What the conductor asked to be played: `only` these, `fresh` these and what depends on them."""

    only: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    fresh_all: bool = False

    def keeps(self, part: str) -> bool:
        """Whether a part keeps what it played, whatever it would read now."""
        return bool(self.only) and part not in self.only

    def asked_anew(self, plan: Plan) -> frozenset[str]:
        """The parts that play whether or not their reading is known."""
        if self.fresh_all:
            return frozenset(plan.names)
        return self.fresh | plan.dependents(self.fresh)


@dataclass(frozen=True)
class Foreseen:
    """What will happen to a part, and why in a few words.

    `verdict`: plays; reused (its `answer` is known); kept (other parts were asked for); skipped; or
    may play: that depends on what the parts before it come to play, so its reading is not known yet.
    """

    part: str
    verdict: str
    why: str
    answer: Answer | None = None
    reading: Reading | None = None


def foresee(
    context: Context,
    plan: Plan,
    players: Mapping[str, Player],
    wish: Wish,
    parent: str | None,
    parent_seq: int,
) -> tuple[Foreseen, ...]:
    """What conducting `plan` from there would do, part by part, each after what it waits for."""
    return tuple(_Foresight(context, plan, players, wish, parent, parent_seq).parts())


class _Foresight:
    def __init__(
        self,
        context: Context,
        plan: Plan,
        players: Mapping[str, Player],
        wish: Wish,
        parent: str | None,
        parent_seq: int,
    ) -> None:
        self._context, self._plan, self._players, self._wish = context, plan, players, wish
        self._parent, self._parent_seq = parent, parent_seq
        self._state: ScoreState = context.state
        self._known = Known(self._state, parent, parent_seq)
        self._anew = wish.asked_anew(plan)

    def parts(self) -> Iterator[Foreseen]:
        verdicts: dict[str, Foreseen] = {}
        heard: dict[str, Read] = {}
        for part in self._plan.in_order():
            foreseen = self._part(part, verdicts, heard)
            verdicts[part.name] = foreseen
            if foreseen.answer is not None:
                answer = self._state.takes[foreseen.answer.take].contributions[foreseen.answer.c]
                heard[part.name] = Read(answer.entry, answer.version)
            yield foreseen

    def _part(self, part: Part, verdicts: dict[str, Foreseen], heard: dict[str, Read]) -> Foreseen:
        before = self._last(part.name)
        if self._wish.keeps(part.name):
            if before is None:
                return Foreseen(part.name, "skipped", "it has not played, and was not asked for")
            return Foreseen(part.name, "kept", "other parts were asked for", _answer(before))
        sources = [verdicts[name] for name in hears(self._plan.names, part) if name in verdicts]
        pending = [source.part for source in sources if source.verdict in PLAYS]
        if pending:
            sure = part.name in self._anew or not part.reuse or before is None
            return Foreseen(part.name, "plays" if sure else "may play", f"after {', '.join(pending)}")
        inputs = [heard[source.part] for source in sources if source.part in heard]
        reading = read_part(self._context, part, inputs, self._players[part.name].identity)
        why = self._why(part, before, reading)
        if part.name in self._anew or not part.reuse:
            return Foreseen(part.name, "plays", why, reading=reading)
        answer = self._known.take_over(reading.digest)
        if answer is not None:
            return Foreseen(part.name, "reused", f"known from {answer.take}", answer, reading)
        return Foreseen(part.name, "plays", why, reading=reading)

    def _why(self, part: Part, before: tuple[str, ContributionState] | None, reading: Reading) -> str:
        if part.name in self._wish.fresh or self._wish.fresh_all:
            return "asked to play again"
        if part.name in self._anew:
            return "what it depends on is asked to play again"
        if not part.reuse:
            return "it says reuse: false"
        if before is None:
            return "it has not played yet"
        take, contribution = before
        was = self._state.takes[take].plan.get(part.name)
        return changed(contribution, was, part, self._players[part.name].ref, reading).text

    def _last(self, part: str) -> tuple[str, ContributionState] | None:
        return last_in_lineage(self._state, self._parent, self._parent_seq, part)


def _answer(found: tuple[str, ContributionState]) -> Answer:
    from_take, contribution = found
    return Answer(from_take, contribution.c)
