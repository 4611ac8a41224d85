"""What a conduct would play and why, without playing: the dry run, and "nothing is new".

A `Rehearsal` is the course of a take over a copy of the score: all that is known is taken over, and
what would have to be played is only told. So what is foreseen is decided by what decides as it plays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from ..score import events as ev
from ..score.changes import changed
from ..score.known import Answer, last_in_lineage
from ..score.notes import note_name
from ..score.state import ANSWERED, ScoreState
from .course import Asked, Course
from .schedule import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..score.known import Known
    from ..score.nearest import Near
    from ..score.plan import Part
    from ..score.reading import Reading
    from ..score.state import ContributionState, TakeState
    from .cast import Cast
    from .wish import Wish

PLAYS = frozenset({"plays", "may play"})


@dataclass(frozen=True)
class Foreseen:
    """What will happen to a part, or to player `item` of its section, and why in a few words.

    `verdict`: plays; reused (its `answer` is known); kept (other parts were asked for, or it was chosen);
    skipped; blocked; or may play: that depends on what the parts before it come to play, so its reading
    is not known yet. Offline a model's part that would play is `nearest` (its `answer` was recorded for
    another reading) or unknown; `near` is then the nearest answer there is.
    """

    part: str
    verdict: str
    why: str
    answer: Answer | None = None
    reading: Reading | None = None
    near: Near | None = None
    asked: bool = False
    """Whether it was asked to play, known or not (`fresh`, or `reuse: false`)."""
    item: int | None = None
    given: bool = False
    """Whether the conductor has played it."""

    @property
    def name(self) -> str:
        """What it is called: `coder`, or in a section `coder[3]`."""
        return self.part if self.item is None else f"{self.part}[{self.item}]"


def copied(state: ScoreState) -> ScoreState:
    """A copy of a score that can go on its own way; its takes, which have ended, are shared."""
    return structs.replace(
        state,
        entries={entry: dict(texts) for entry, texts in state.entries.items()},
        sent=list(state.sent),
        given=dict(state.given),
        takes=dict(state.takes),
        labels=dict(state.labels),
    )


@dataclass(frozen=True)
class Prospect:
    """What conducting would come to: part by part, and the take as far as nothing new is needed."""

    foreseen: tuple[Foreseen, ...]
    take: TakeState
    state: ScoreState
    sure: bool
    """Whether no predicate has to be asked first."""

    @property
    def nothing_new(self) -> bool:
        """Whether all of it is known."""
        return self.sure and all(f.verdict in ("reused", "kept", "skipped", "nearest") for f in self.foreseen)


class Rehearsal(Course):
    """The course of a take of which nothing is played. `state` is a copy that it may change."""

    def __init__(self, state: ScoreState, take: TakeState, cast: Cast, wish: Wish, known: Known) -> None:
        self._plays: dict[int, Reading] = {}
        self._given: set[int] = set()
        self._unknown: dict[int, tuple[Reading, Near | None, bool]] = {}
        self._nearest: dict[int, Near] = {}
        self._unsure: dict[int, str] = {}
        super().__init__(state, take, cast, wish, known)

    def emit(self, event: ev.Event) -> None:
        """Let it have happened, in this copy."""
        self.state.apply(structs.replace(event, seq=self.state.seq + 1, take=self.take.id, at=0))

    def write(self, texts: Mapping[str, str]) -> dict[str, int]:
        """The versions that the texts have, or would get."""
        versions = {entry: self.state.version_of(entry, text) for entry, text in texts.items()}
        for entry, text in texts.items():
            self.state.entries.setdefault(entry, {})[versions[entry]] = text
        return versions

    def send(self, to: str, text: str) -> None:
        """Let a note stand in the copy."""
        self.send_named(note_name(self.state, to, text), to, text)

    def send_named(self, name: str, to: str, text: str) -> None:
        """The same for a note that has a name."""
        version = self.write({f"note/{name}": text})[f"note/{name}"]
        standing = self.state.notes(self.take.id, self.state.seq).get(name)
        if standing is None or (standing.to, standing.version) != (to, version):
            self.emit(ev.Noted(note=name, to=to, version=version))

    def room(self, part: Part) -> bool:
        """There is always room to tell."""
        del part
        return True

    def may_enter(self, c: ContributionState, part: Part) -> bool:
        """Whoever waits for a cue would play, too."""
        del c, part
        return True

    def at(self) -> int:
        """No time passes."""
        return 0

    def wake_at(self, at: int) -> None:
        """And so nothing comes due."""

    def play(self, c: ContributionState, part: Part, reading: Reading) -> None:
        """It would play."""
        del part
        self._plays[c.c] = reading
        self._busy.add(c.c)

    def judge(
        self,
        c: ContributionState,
        asked: tuple[Asked, ...],
        subject: object,
        digest: str,
        then: Callable[[list[ev.Judged]], None],
    ) -> None:
        """A predicate would have to be asked: what hangs on that is not known."""
        del subject, digest
        self._unsure[c.c] = asked[0].name
        if asked[0].about == "when":
            self._busy.add(c.c)
        else:
            then([])

    def give_again(
        self, c: ContributionState, part: Part, reading: Reading, answer: Answer, near: Near | None = None
    ) -> None:
        """What a recording holds is known."""
        source = self.known.contribution(answer)
        origin = ev.Origin(answer.recording, answer.take, answer.c, near.text if near else "")
        self._entered(c, source.player or self.cast.players[part.name].ref, reading, origin)
        text = self.known.text(answer)
        self.emit(ev.TextPlayed(c=c.c, text=text))
        self.emit(ev.Played(c=c.c, version=self.state.version_of(c.entry, text)))
        if near is not None:
            self._nearest[c.c] = near
            self.flag(c, "stale", near.evidence)
        if (asked := self.asked(part)) and self._known_verdicts(c, asked, reading.digest, text) is None:
            self._unsure[c.c] = asked[0].name

    def missed(
        self, c: ContributionState, part: Part, reading: Reading, near: Near | None, *, asked: bool
    ) -> None:
        """Offline it cannot be played."""
        del part
        self._unknown[c.c] = (reading, near, asked)
        self._busy.add(c.c)

    def _play_given(self, c: ContributionState, part: Part, version: int) -> None:
        self._given.add(c.c)
        super()._play_given(c, part, version)

    # What comes of it ---------------------------------------------------------------------------------

    def prospect(self) -> Prospect:
        """Rehearse, and tell."""
        self.begin()
        while self.advance():
            pass
        return Prospect(tuple(self._foreseen()), self.take, self.state, not self._unsure)

    def _foreseen(self) -> Iterator[Foreseen]:
        for part in self.take.plan.parts:
            voices = self.take.voices(part.name)
            if not voices and part.source:
                yield Foreseen(part.name, "may play", f"after {part.source}")
            for c in voices:
                yield self._of(part, c)

    def _of(self, part: Part, c: ContributionState) -> Foreseen:
        fresh = part.name in self._anew or not part.reuse
        if c.c in self._given:
            return Foreseen(part.name, "plays", "you played it", item=c.item, given=True)
        if c.c in self._plays:
            reading = self._plays[c.c]
            return Foreseen(part.name, "plays", self._why(part, c, reading), reading=reading, item=c.item)
        if c.c in self._unknown:
            reading, near, asked = self._unknown[c.c]
            why = self._why(part, c, reading)
            return Foreseen(part.name, "unknown", why, None, reading, near, asked, c.item)
        if c.status in ANSWERED:
            return self._answered(part, c)
        if c.status == "waiting":
            if c.c in self._unsure:
                return Foreseen(part.name, "may play", f"if {self._unsure[c.c]} says yes", item=c.item)
            if c.c in self._asking:
                return Foreseen(part.name, "may play", self._asking[c.c], item=c.item)
            pending = [name for name in part.waits if not settled(self.take, name)]
            never = self._last(part, c) is None and self.known.lineage_only
            sure = (fresh or never) and part.when is None
            why = f"after {', '.join(pending)}" if pending else "as the loop before it ends"
            return Foreseen(part.name, "plays" if sure else "may play", why, item=c.item)
        verdict = "skipped" if c.status == "skipped" else "blocked"
        return Foreseen(part.name, verdict, c.why or c.message, item=c.item)

    def _answered(self, part: Part, c: ContributionState) -> Foreseen:
        reading, _ = self.reading(c, part)
        if c.kept:
            chosen = part.name in self.wish.chosen
            why = f"chosen from {c.of_take}" if chosen else "other parts were asked for"
            return Foreseen(part.name, "kept", why, Answer(c.of_take, c.of_c), reading, item=c.item)
        if c.origin is not None:
            answer, near = Answer(c.origin.take, c.origin.c, c.origin.recording), self._nearest.get(c.c)
            if near is not None:
                return Foreseen(
                    part.name, "nearest", near.evidence.text, near.answer, reading, near, item=c.item
                )
        else:
            answer = Answer(c.of_take, c.of_c)
        return Foreseen(part.name, "reused", f"known from {answer}", answer, reading, item=c.item)

    def _why(self, part: Part, c: ContributionState, reading: Reading) -> str:
        if part.name in self.wish.fresh or self.wish.fresh_all:
            return "asked to play again"
        if part.name in self._anew:
            return "what it depends on is asked to play again"
        if not part.reuse:
            return "it says reuse: false"
        before = self._last(part, c)
        if before is None:
            return "it has not played yet"
        take, contribution = before
        was = self.state.takes[take].plan.get(part.name)
        return changed(contribution, was, part, self.cast.players[part.name].ref, reading).text

    def _last(self, part: Part, c: ContributionState) -> tuple[str, ContributionState] | None:
        return last_in_lineage(self.state, self.take.parent, self.take.parent_seq, part.name, c.item)


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
