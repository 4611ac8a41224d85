"""What a conduct would play and why, without playing: the dry run, and "nothing is new"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..score.changes import changed
from ..score.events import Read
from ..score.known import Answer, last_in_lineage
from ..score.nearest import nearest
from ..score.reading import hears, model_identity, read_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..score.known import Known
    from ..score.nearest import Near
    from ..score.plan import Part, Plan
    from ..score.ports import Player
    from ..score.reading import Context, Reading
    from ..score.state import ContributionState, ScoreState

PLAYS = frozenset({"plays", "may play"})


@dataclass(frozen=True)
class Wish:
    """What the conductor asked to be played: `only` these, `fresh` these and what depends on them.

    `offline`: call no model; `nearest`: where that leaves a reading without an answer, give the one
    that was recorded for the nearest other reading.
    """

    only: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    fresh_all: bool = False
    offline: bool = False
    nearest: bool = False

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
    Offline a model's part that would play is `nearest` (its `answer` was recorded for another
    reading) or unknown; `near` is then the nearest answer there is.
    """

    part: str
    verdict: str
    why: str
    answer: Answer | None = None
    reading: Reading | None = None
    near: Near | None = None
    asked: bool = False
    """Whether it was asked to play, known or not (`fresh`, or `reuse: false`)."""


def read_and_ask(
    known: Known,
    plan: Plan,
    part: Part,
    player: Player,
    read: Callable[[Mapping[str, Any]], Reading],
) -> tuple[Reading, Answer | None]:
    """What a part reads, and the answer that is known to it.

    Where nobody says which model plays the part, those that played it in a recording count too: what
    was recorded with a model is known on a machine that has none. `read` gives the reading for a
    player's identity.
    """
    reading = read(player.identity)
    answer = known.answer(reading.digest)
    if answer is None and part.model is None and part.player is None and plan.model is None:
        for model in known.models(part.name):
            other = read(model_identity(model))
            if (found := known.answer(other.digest)) is not None:
                return other, found
    return reading, answer


def foresee(
    context: Context,
    plan: Plan,
    players: Mapping[str, Player],
    wish: Wish,
    known: Known,
    parent: str | None,
    parent_seq: int,
) -> tuple[Foreseen, ...]:
    """What conducting `plan` from there would do, part by part, each after what it waits for."""
    return tuple(_Foresight(context, plan, players, wish, known, parent, parent_seq).parts())


class _Foresight:
    def __init__(
        self,
        context: Context,
        plan: Plan,
        players: Mapping[str, Player],
        wish: Wish,
        known: Known,
        parent: str | None,
        parent_seq: int,
    ) -> None:
        self._context, self._plan, self._players, self._wish = context, plan, players, wish
        self._parent, self._parent_seq = parent, parent_seq
        self._state: ScoreState = context.state
        self._known = known
        self._quoted: dict[Read, str] = dict(context.quoted)
        self._anew = wish.asked_anew(plan)

    def parts(self) -> Iterator[Foreseen]:
        verdicts: dict[str, Foreseen] = {}
        heard: dict[str, Read] = {}
        for part in self._plan.in_order():
            foreseen = self._part(part, verdicts, heard)
            verdicts[part.name] = foreseen
            if foreseen.answer is not None:
                heard[part.name] = self._heard(part.name, foreseen.answer)
            yield foreseen

    def _heard(self, part: str, answer: Answer) -> Read:
        """An answer as what comes after it will read it: out of a recording it gets a version here."""
        entry, text = f"part/{part}", self._known.text(answer)
        read = Read(entry, self._state.version_of(entry, text))
        self._quoted[read] = text
        return read

    def _part(self, part: Part, verdicts: dict[str, Foreseen], heard: dict[str, Read]) -> Foreseen:
        before = self._last(part.name)
        if self._wish.keeps(part.name):
            if before is None:
                return Foreseen(part.name, "skipped", "it has not played, and was not asked for")
            reading = self._kept_reading(part, verdicts, heard)
            return Foreseen(part.name, "kept", "other parts were asked for", _answer(before), reading)
        sources = [verdicts[name] for name in hears(self._plan.names, part) if name in verdicts]
        pending = [source.part for source in sources if source.verdict in PLAYS | {"unknown"}]
        if pending:
            never = before is None and self._known.lineage_only
            sure = part.name in self._anew or not part.reuse or never
            return Foreseen(part.name, "plays" if sure else "may play", f"after {', '.join(pending)}")
        inputs = [heard[source.part] for source in sources if source.part in heard]
        context = replace(self._context, quoted=self._quoted)
        player = self._players[part.name]
        reading, answer = read_and_ask(
            self._known,
            self._plan,
            part,
            player,
            lambda identity: read_part(context, part, inputs, identity),
        )
        fresh = part.name in self._anew or not part.reuse
        if answer is not None and not fresh:
            self._known.take_over(reading.digest)
            return Foreseen(part.name, "reused", f"known from {answer}", answer, reading)
        why = self._why(part, before, reading)
        if not self._wish.offline or player.ref.kind != "model":
            return Foreseen(part.name, "plays", why, reading=reading)
        near = nearest(self._known, part, player.ref, reading)
        if near is None or not self._wish.nearest or fresh:
            return Foreseen(part.name, "unknown", why, reading=reading, near=near, asked=fresh)
        return Foreseen(part.name, "nearest", near.evidence.text, near.answer, reading, near)

    def _kept_reading(
        self, part: Part, verdicts: dict[str, Foreseen], heard: dict[str, Read]
    ) -> Reading | None:
        """What a part that is kept would read now; `None` where that is not to be told yet."""
        names = [name for name in hears(self._plan.names, part) if name in verdicts]
        if any(verdicts[name].verdict in PLAYS | {"unknown"} for name in names):
            return None
        inputs = [heard[name] for name in names if name in heard]
        context = replace(self._context, quoted=self._quoted)
        return read_part(context, part, inputs, self._players[part.name].identity)

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


def missing(part: str, near: Near | None, *, asked: bool = False) -> str:
    """Why a part cannot be given offline, and how the nearest reading that is known differs.

    `asked`: it was to play again, whether or not it is known.
    """
    if asked:
        return f"{part} was asked to play again, and offline no model may play it"
    if near is None:
        return f"{part} is not known, and offline no model may play it; no reading of it is known at all"
    lines = "\n".join(f"    {line}" for line in near.text.splitlines())
    return (
        f"{part} is not known, and offline no model may play it. The nearest reading that is known, in "
        f"{near.answer}, differs in\n{lines}\n"
        f"  --nearest plays what answered that one; without --offline {part} plays anew"
    )


def _answer(found: tuple[str, ContributionState]) -> Answer:
    from_take, contribution = found
    return Answer(from_take, contribution.c)
