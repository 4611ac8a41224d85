"""The course of a take: what happens next, decided from its state, the time and what is known.

`Course` decides and says so in events. What it cannot decide by itself it leaves to who carries it
out: a `Performance` plays and waits, a `Rehearsal` only tells what would have to be played.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

from ..score import events as ev
from ..score.changes import changed
from ..score.known import Answer, last_in_lineage
from ..score.nearest import nearest
from ..score.reading import Context, Heard, earlier, heard, heard_by, hears, model_identity, read_part
from ..score.state import ANSWERED, OPEN
from . import lead
from .schedule import Turn, entrance, gates, loop_to_repeat, settled, to_open, turn, turn_came

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..score.known import Known
    from ..score.nearest import Near
    from ..score.plan import Part, Plan
    from ..score.ports import Player
    from ..score.reading import Reading
    from ..score.state import ContributionState, ScoreState, TakeState
    from .cast import Cast, Items
    from .wish import Wish

CHUNK = 100
"""Contributions that are looked at before others on the loop get their turn."""


class Asked(NamedTuple):
    """A predicate that has to be asked about a contribution, and what it is about."""

    about: str
    name: str
    criterion: str = ""


class Course(ABC):
    """What happens next in `take`, played by `cast`, with what is `known`."""

    def __init__(self, state: ScoreState, take: TakeState, cast: Cast, wish: Wish, known: Known) -> None:
        self.state = state
        self.take = take
        self.cast = cast
        self.wish = wish
        self.known = known
        self._busy: set[int] = set()
        """Contributions that wait for a predicate."""
        self._asking: dict[int, str] = {}
        """By contribution that only the conductor lets in: for what it waits."""
        self._must_play: dict[str, set[int]] = {}
        """By part, the contributions that are not known and wait for their time or a slot."""
        self._judged: dict[int, tuple[object, list[ev.Judged]]] = {}
        """By contribution that waits: what was asked about what is known to it, and what was said."""
        self._unchecked: set[int] = set()
        self._context: Context | None = None
        self._shared: tuple[object, ...] = ()
        self._readings: dict[str, dict[int, tuple[Reading, Answer | None]]] = {}
        """By part, what its contributions would read now."""
        self._retaken: set[str] = set()
        self._lead_finished = False
        self._decision_due = True
        self._budget = CHUNK
        self.adopt()

    def adopt(self) -> None:
        """Take the plan of the take as it is now."""
        plan = self.take.plan
        self._parts = {part.name: part for part in plan.parts}
        self._gates = gates(plan)
        self._loops = plan.loops()
        self._anew = self.wish.asked_anew(plan)
        self._readers: dict[str, list[str]] = {}
        self._hearers: dict[str, set[str]] = {}
        """By part, those whose reading hangs on what it plays: its readers, and who is in a loop with it."""
        for part in plan.parts:
            for name in hears(part.after, part) if part.reads is None else hears(plan.names, part):
                self._readers.setdefault(name, []).append(part.name)
                self._hearers.setdefault(name, set()).add(part.name)
            self._hearers.setdefault(part.name, set()).update(plan.loop_of(part.name))
        self.forget_readings()

    # What whoever carries it out does -----------------------------------------------------------

    @abstractmethod
    def emit(self, event: ev.Event) -> None:
        """Let this have happened in the take, now."""

    @abstractmethod
    def write(self, texts: Mapping[str, str]) -> dict[str, int]:
        """Make these the newest texts of their entries. Gives their versions."""

    @abstractmethod
    def send(self, to: str, text: str) -> None:
        """Send a note in this take."""

    @abstractmethod
    def room(self, part: Part) -> bool:
        """Whether one more of this part can play now: there is a slot, and tempo allows for a request."""

    @abstractmethod
    def play(self, c: ContributionState, part: Part, reading: Reading) -> None:
        """Let it play. It has a slot."""

    @abstractmethod
    def judge(
        self,
        c: ContributionState,
        asked: tuple[Asked, ...],
        subject: object,
        digest: str,
        then: Callable[[list[ev.Judged]], None],
    ) -> None:
        """Ask predicates about it, and go on with what they said."""

    @abstractmethod
    def give_again(
        self, c: ContributionState, part: Part, reading: Reading, answer: Answer, near: Near | None = None
    ) -> None:
        """Give again what a recording holds. It has a slot."""

    @abstractmethod
    def at(self) -> int:
        """Milliseconds since the take began."""

    def may_enter(self, c: ContributionState, part: Part) -> bool:
        """Whether the tempo lets a contribution in whose turn has come."""
        when = entrance(self.take, part, c, self._came(c, part))
        if when.asks:
            self._asking[c.c] = when.asks
            return False
        self._asking.pop(c.c, None)
        if when.at > self.at():
            self.wake_at(when.at)
            return False
        return True

    @abstractmethod
    def wake_at(self, at: int) -> None:
        """Something is due at that time (ms)."""

    def told(self, part: Part, c: ContributionState) -> str:
        """What a part is told beside the score as it enters."""
        del c
        return lead.told(self.take) if part.name == self.take.tempo.lead else ""

    # What is due ----------------------------------------------------------------------------------

    def begin(self) -> None:
        """Let every part wait for its turn."""
        for part in self.take.plan.parts:
            if part.each is None:
                self.wait(part.name)
            elif not part.source:
                self._open(part, self.cast.items[part.name])

    def wait(self, part: str, item: int | None = None, lap: int = 1) -> None:
        """Let a part, or one player of its section, wait for its turn (again)."""
        self.forget_hearers(part)
        c = len(self.take.contributions) + 1
        self.emit(ev.Waiting(c=c, part=part, item=item, lap=lap))

    def _wait_whole(self, part: Part) -> None:
        """Let a section wait whose items are not known yet."""
        source = self.take.last(part.source) if part.source else None
        self.wait(part.name, lap=1 if source is None else source.lap)

    def wait_again(self, c: ContributionState, lap: int = 0) -> None:
        """Let the part of a contribution play again, if it does not wait for that already."""
        n = self.take.newest.get(c.part, {}).get(-1 if c.item is None else c.item)
        if n is not None and self.take.contributions[n].status == "waiting":
            return
        self.wait(c.part, c.item, lap or c.lap)

    def advance(self) -> bool:
        """Let happen what is due now. Whether there is more that is due at once."""
        self._budget = CHUNK
        while self.take.status == "playing" and self._move():
            if self._budget <= 0:
                return True
        self._check_kept()
        return False

    def _move(self) -> bool:
        take = self.take
        moved = self._repeat_loops()
        moved = self._let_lead() or moved
        for part in take.plan.parts:
            opening, waiting = to_open(take, part), take.waiting.get(part.name)
            if not waiting and not opening:
                continue
            now = self._turn(part)
            if now.state == "waits":
                continue
            if now.state == "ready":
                if opening:
                    self._open_from_source(part)
                    moved = True
                moved = self._let_in(part) or moved
            else:
                if not waiting:
                    self._wait_whole(part)
                self._settle(part, now.state, now.why)
                moved = True
        return moved

    def _turn(self, part: Part) -> Turn:
        return turn(self.take, part, self._gates.get(part.name, ()))

    def its_turn(self, c: ContributionState) -> bool:
        """Whether all that a contribution waits for has settled."""
        return self._turn(self._parts[c.part]).state == "ready"

    def _settle(self, part: Part, state: str, why: str) -> None:
        for n in list(self.take.waiting.get(part.name, ())):
            c = self.take.contributions[n]
            if self.wish.keeps(part.name) and not c.before:
                self._keep(c, part)
            elif state == "blocked":
                self.emit(ev.Blocked(c=n, by=why))
            else:
                self.emit(ev.Skipped(c=n, why=why))

    @property
    def at_rest(self) -> bool:
        """Whether nothing is open any more."""
        return all(settled(self.take, part.name) for part in self.take.plan.parts)

    def waits_for(self) -> list[str]:
        """What only the conductor can bring about, a line each."""
        held = [f"{c.name}: {c.why}" for c in self.take.standing() if c.status == "held"]
        ready = {part.name for part in self.take.plan.parts if self._turn(part).state == "ready"}
        waiting = {
            line: None
            for n, line in self._asking.items()
            if (c := self.take.contributions[n]).status == "waiting" and c.part in ready
        }
        return [*held, *waiting]

    # Loops and sections -----------------------------------------------------------------------------

    def _repeat_loops(self) -> bool:
        moved = False
        for end, names in self._loops.items():
            match loop_to_repeat(self.take, end, names):
                case "again":
                    for name in names:
                        if self._parts[name].source in names:
                            continue  # its items are told anew
                        for c in self.take.voices(name):
                            if c.status != "muted":
                                self.wait_again(c, c.lap + 1)
                    moved = True
                case "over":
                    moved = self._flag_loop(end) or moved
                case _:
                    pass
        return moved

    def _flag_loop(self, end: str) -> bool:
        part, flagged = self._parts[end], False
        assert part.repeat is not None
        for c in self.take.voices(end):
            verdict = c.verdict("until")
            text = f"{part.repeat.until} still says no after {c.lap} passes"
            if verdict is not None and verdict.why:
                text = f"{text}: {verdict.why}"
            if verdict is None or verdict.ok or any(flag.evidence.text == text for flag in c.flags):
                continue
            self.emit(ev.Flagged(c=c.c, flag="criterion", evidence=ev.Evidence(text)))
            flagged = True
        return flagged

    def _open(self, part: Part, items: Items, lap: int = 1) -> None:
        """Tell the items of a section, and let each wait for its turn."""
        texts = {f"item/{part.name}[{n}]": text for n, text in enumerate(items.texts)}
        versions = self.write(texts)
        for n in list(self.take.waiting.get(part.name, ())):  # it was unmuted before its items were known
            if self.take.contributions[n].item is None:
                self.emit(ev.Cut(c=n, by="plan"))
        reads = tuple(ev.Read(entry, versions[entry]) for entry in texts)
        self.emit(ev.SectionOpened(part=part.name, items=reads, labels=tuple(items.labels), lap=lap))
        for n in range(len(texts)):
            self.wait(part.name, n, lap)

    def _open_from_source(self, part: Part) -> None:
        if not part.source:
            laps = [self.take.contributions[n].lap for n in self.take.waiting.get(part.name, ())]
            self._open(part, self.cast.items[part.name], max(laps, default=1))
            return
        voices = self.take.voices(part.source)
        lap = max((c.lap for c in voices), default=1)
        if self._parts[part.source].each is not None:
            texts = [self.state.text_of(self.take.id, c) for c in voices if c.version]
            self._open(part, lead.listed(texts), lap)
            return
        text = self.state.text_of(self.take.id, voices[0]) if voices and voices[0].version else ""
        value = self._value(part.source, text)
        try:
            items = lead.items_of(text if value is None else value)
        except ValueError as error:
            if not self.take.waiting.get(part.name):
                self._wait_whole(part)
            message = f"what {part.source} played is no list: {error}"
            for n in list(self.take.waiting.get(part.name, ())):
                self.fail_at_once(self.take.contributions[n], part, "each", message)
            return
        self._open(part, items, lap)

    def _value(self, part: str, text: str) -> Any:
        """The value of a contribution whose part `returns` something, or `None`."""
        form = self.cast.forms.get(part)
        if form is None:
            return None
        try:
            return form.read(text)
        except ValueError:
            return None

    def fail_at_once(self, c: ContributionState, part: Part, reason: str, message: str) -> None:
        """Let a contribution fail as it enters."""
        self._entered(c, self.cast.players[part.name].ref, self.reading(c, part)[0])
        self.emit(ev.Failed(c=c.c, reason=reason, message=message))

    # The part that leads ------------------------------------------------------------------------------

    def _let_lead(self) -> bool:
        """Let the part that leads decide once more, as all that it let in has come to rest."""
        take = self.take
        leader = self._parts.get(take.tempo.lead)
        if leader is None or self._lead_finished:
            return False
        c = take.last(leader.name)
        if c is None or c.status in OPEN or not self._decision_due or self._let_in_open(leader.name):
            return False
        if c.status not in ANSWERED:
            return False
        self._decision_due = False
        self.wait_again(c, c.lap + 1)
        return True

    def _let_in_open(self, leader: str) -> bool:
        return any(
            c.status in OPEN and (c.status != "waiting" or c.cued)
            for c in self.take.standing()
            if c.part != leader
        )

    def lead_changed(self) -> None:
        """Another leads from now on."""
        self._asking.clear()
        self._decision_due, self._lead_finished = True, False
        self.forget_readings()

    def let_in(self, by: str, name: str, note: str = "") -> str:
        """Let a part in because whoever leads says so (`by`). Gives what to answer.

        Raises `ValueError`, with what is in the way.
        """
        part = self._parts.get(name)
        if part is None or name == by:
            others = ", ".join(other for other in self._parts if other != by)
            raise ValueError(f"there is no part {name!r} to let in; there are {others}")
        if self.wish.keeps(name):
            raise ValueError(f"{name} keeps what it played: other parts were asked for")
        lacking = [other for other in part.waits if other != by and not self._rests(other)]
        if lacking:
            raise ValueError(f"{name} waits for {', '.join(lacking)}: let that in first")
        if note.strip():
            self.send(name, note.strip())
        for c in self.take.voices(name):
            if c.status in ("playing", "held"):
                continue
            if c.status != "waiting":
                self.wait_again(c)
        for n in list(self.take.waiting.get(name, ())):
            self.emit(ev.CuedIn(c=n, by=by))
        self._decision_due = True
        return f"{name} enters"

    def _rests(self, name: str) -> bool:
        """Whether a part has settled, or is let in and will."""
        return settled(self.take, name) or all(
            c.status != "waiting" or c.cued for c in self.take.voices(name)
        )

    def finish(self, by: str, summary: str) -> str:
        """Let the piece end because the part that leads says so: what still waits is skipped."""
        self._lead_finished = True
        why = f"{by} finished" + (f": {summary.strip()}" if summary.strip() else "")
        for part in self.take.plan.parts:
            if part.name != by and to_open(self.take, part) and not self.take.waiting.get(part.name):
                self._wait_whole(part)
            for n in list(self.take.waiting.get(part.name, ())):
                if part.name != by and not self.take.contributions[n].cued:
                    self.emit(ev.Skipped(c=n, why=why))
        return "The piece ends as all that was let in has played."

    def _lead_again(self, calls: Iterable[tuple[str, str]], leader: str) -> None:
        """Let a decision that is taken over take effect again. `calls` are (name, arguments)."""
        for name, arguments in calls:
            try:
                given = json.loads(arguments or "{}")
                if name == lead.ENTER:
                    self.let_in(leader, str(given.get("part", "")), str(given.get("note") or ""))
                elif name == lead.FINISH:
                    self.finish(leader, str(given.get("summary") or ""))
            except (ValueError, AttributeError):
                continue  # it was refused then, too

    # Entering -----------------------------------------------------------------------------------------

    def _let_in(self, part: Part) -> bool:
        """Let in whatever of a part can enter now. Whether anything moved."""
        waiting, must_play = (
            self.take.waiting.get(part.name, {}),
            self._must_play.setdefault(part.name, set()),
        )
        moved = False
        for n in list(waiting):
            if n in must_play and not self.room(part):
                if len(must_play) >= len(waiting):
                    break
                continue
            if self._budget <= 0:
                return True
            if n in self._busy:
                continue
            if n not in must_play:
                self._budget -= 1
            if self._consider(self.take.contributions[n], part):
                must_play.discard(n)
                moved = True
        return moved

    def _consider(self, c: ContributionState, part: Part) -> bool:
        """Let one contribution in: taken over if it is known, played if it may. Whether it moved."""
        take = self.take
        if not c.before and self.wish.keeps(part.name):
            self._keep(c, part)
            return True
        if not c.before and part.name in self.wish.chosen:
            self._splice(c, part)
            return True
        if c.name in take.given:
            self._play_given(c, part, take.given[c.name])
            return True
        if part.name != take.tempo.lead and take.tempo.lead in self._parts and not c.cued:
            self._asking[c.c] = f"{take.tempo.lead} lets nobody else in: %cue enter {part.name}"
            return False
        reading, answer = self.reading(c, part)
        if part.name == take.tempo.lead and any(b.digest == reading.digest for b in earlier(take, c)):
            self._asking[c.c] = f"{part.name} would decide the same again: %cue tempo --lead free"
            return False
        if part.when is not None:
            verdict = self._when(c, part, reading)
            if verdict is None:
                return False
            if not verdict.ok:
                why = f"{part.when} said no" + (f": {verdict.why}" if verdict.why else "")
                self.emit(ev.Skipped(c=c.c, why=why))
                return True
        fresh = part.name in self._anew or not part.reuse
        own = self._own(c, part, reading)
        if own is not None:
            return self._take_over(c, part, own, reading)
        if answer is not None and not fresh:
            if answer.recording:
                if not self.room(part):
                    return self._put_off(c, part)
                self.known.take_over(reading.digest)
                self.give_again(c, part, reading, answer)
                return True
            return self._take_over(c, part, answer, reading)
        if not self.may_enter(c, part):
            return False
        if not self.room(part):
            return self._put_off(c, part)
        if self.wish.offline and self.cast.players[part.name].ref.kind == "model":
            self._miss(c, part, reading)
            return True
        self.play(c, part, self._as_it_enters(c, part, reading))
        return True

    def _put_off(self, c: ContributionState, part: Part) -> bool:
        self._must_play.setdefault(part.name, set()).add(c.c)
        return False

    def _came(self, c: ContributionState, part: Part) -> int:
        if not part.rest:
            return 0
        before = self.take.contributions[c.before].ended if c.before else 0
        return max(turn_came(self.take, part), before or 0)

    def _when(self, c: ContributionState, part: Part, reading: Reading) -> ev.Judged | None:
        """What `when` says, if it has been asked; else it is asked."""
        assert part.when is not None
        for verdict in reversed(c.verdicts):
            if verdict.about == "when" and verdict.digest == reading.digest:
                return ev.Judged(c=c.c, about="when", predicate=part.when, ok=verdict.ok, why=verdict.why)
        asked = (Asked("when", part.when),)
        found = self._known_verdicts(c, asked, reading.digest, "")
        if found is not None:
            self._tell(found)
            return found[0]
        self.judge(c, asked, reading, reading.digest, self._tell)
        return None

    def _tell(self, verdicts: Iterable[ev.Judged]) -> None:
        for verdict in verdicts:
            self.emit(verdict)

    def asked(self, part: Part) -> tuple[Asked, ...]:
        """The predicates that a contribution of a part is asked as it is complete."""
        checks = [Asked("check", check.name, check.criterion) for check in self.take.plan.checks_of(part)]
        return (*checks, Asked("until", part.repeat.until)) if part.repeat else tuple(checks)

    def _known_verdicts(
        self, c: ContributionState, asked: tuple[Asked, ...], digest: str, text: str
    ) -> list[ev.Judged] | None:
        """What these predicates said before about the same, or `None` where one of them did not."""
        found: list[ev.Judged] = []
        for one in asked:
            source = self.cast.source(one.name)
            verdict = self.known.verdict(one.about, one.name, source, digest, text)
            if verdict is None:
                return None
            found.append(
                ev.Judged(
                    c=c.c,
                    about=one.about,  # pyright: ignore[reportArgumentType]
                    predicate=one.name,
                    ok=verdict.ok,
                    why=verdict.why,
                    criterion=one.criterion,
                    digest=digest,
                    source=source,
                )
            )
        return found

    def reading(self, c: ContributionState, part: Part) -> tuple[Reading, Answer | None]:
        """What a part whose inputs have settled reads now, and what is known of it.

        Kept, as waiting for a slot asks often.
        """
        shared = (self.state.composition(), len(self.state.sent))
        if self._context is None or shared != self._shared:
            self.forget_readings()
            self._shared = shared
            self._context = Context.of(self.state, self.take.id, self.state.seq)
        readings = self._readings.setdefault(part.name, {})
        if c.c not in readings:
            context, inputs = self._context, heard(self.take, part, c)
            before = next(earlier(self.take, c), None) if c.before else None
            if before is not None and before.lap != c.lap:
                before = None
            items = self.cast.items.get(part.name)
            value = None if items is None or c.item is None else items.values[c.item]
            kit, data = self._kit(part), self._data(part, c)

            def read(identity: Mapping[str, Any]) -> Reading:
                return read_part(
                    context,
                    part,
                    inputs,
                    identity,
                    before,
                    kit=kit,
                    index=c.item,
                    value=value,
                    data=data,
                )

            readings[c.c] = read_and_ask(self.known, self.take.plan, part, self.cast.players[part.name], read)
        reading, _ = readings[c.c]
        return reading, self.known.answer(reading.digest)

    def _as_it_enters(self, c: ContributionState, part: Part, reading: Reading) -> Reading:
        """The reading with what the part is told beside the score."""
        told = self.told(part, c)
        if not told or self._context is None:
            return reading
        before = next(earlier(self.take, c), None) if c.before else None
        if before is not None and before.lap != c.lap:
            before = None
        return read_part(
            self._context,
            part,
            heard(self.take, part, c),
            self.cast.players[part.name].identity,
            before,
            kit=self._kit(part),
            index=c.item,
            value=reading.value,
            data=reading.data,
            told=told,
        )

    def forget_readings(self) -> None:
        """What parts would read has changed."""
        self._context = None
        self._readings.clear()
        self._must_play.clear()

    def forget_hearers(self, part: str) -> None:
        """What a part plays has changed, or will."""
        for name in (*self._hearers.get(part, ()), self.take.tempo.lead):
            self._readings.pop(name, None)
            self._must_play.pop(name, None)

    def _kit(self, part: Part) -> dict[str, Any]:
        kit = self.cast.kit(part)
        if part.name == self.take.tempo.lead:
            kit["leads"] = lead.roster(self.take.plan, part.name)
        return kit

    def _data(self, part: Part, c: ContributionState) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in heard_by(self.take, part, c.lap):
            if name in self.cast.forms:
                for voice in self.take.voices(name):
                    if voice.version:
                        found[voice.entry] = self._value(name, self.state.text_of(self.take.id, voice))
        return found

    def _own(self, c: ContributionState, part: Part, reading: Reading) -> Answer | None:
        """What the part played in this take for the same reading: a note was dropped, or it was unmuted."""
        if not part.reuse or not c.before:
            return None
        same = (
            b for b in earlier(self.take, c) if b.lap == c.lap and b.known_for == reading.digest and b.version
        )
        return next((Answer(self.take.id, b.c) for b in same), None)

    # Taking over ----------------------------------------------------------------------------------------

    def _take_over(self, c: ContributionState, part: Part, answer: Answer, reading: Reading) -> bool:
        """Take over what is known, once it is known what the predicates say of it."""
        source = self.state.takes[answer.take].contributions[answer.c]
        text = self.state.text_of(answer.take, source)
        asked = self.asked(part)
        question = (asked, reading.digest, text)

        def keep(verdicts: list[ev.Judged]) -> None:
            # by now it may be paused, or read something else: the next step takes it over, or not
            self._judged[c.c] = question, verdicts

        verdicts = self._known_verdicts(c, asked, reading.digest, text)
        if verdicts is None:
            if self._judged.get(c.c, ("", []))[0] != question:
                self.judge(c, asked, self.subject(c, reading, text), reading.digest, keep)
            answered, verdicts = self._judged.get(c.c, ("", []))
            if answered != question:
                return False
        self.known.take_over(reading.digest)
        self.emit(
            ev.Reused(
                c=c.c,
                of_take=answer.take,
                of_c=answer.c,
                version=self._version_here(c, source, text),
                digest=reading.digest,
                player=source.player or self.cast.players[part.name].ref,
                reads=tuple(read for read, _ in reading.reads),
                messages=reading.rendered,
            )
        )
        self._tell(verdicts)
        self.flag_verdicts(c, verdicts)
        self.flag_dropped(c, part)
        self.flag_readers(c)
        if part.name == self.take.tempo.lead:
            self._lead_again(calls_of(self.state, answer), part.name)
        return True

    def _version_here(self, c: ContributionState, source: ContributionState, text: str) -> int:
        """The version of what is taken over: of an item that has moved, under its present number."""
        return source.version if source.entry == c.entry else self.write({c.entry: text})[c.entry]

    def subject(self, c: ContributionState, reading: Reading, text: str) -> Heard:
        """A contribution as a predicate gets it."""
        return Heard(c.part, text, self._value(c.part, text), c.item, c.lap, reading)

    def _reused(
        self, c: ContributionState, part: Part, take: str, source: ContributionState, **more: Any
    ) -> None:
        text = self.state.text_of(take, source)
        self.emit(
            ev.Reused(
                c=c.c,
                of_take=take,
                of_c=source.c,
                version=self._version_here(c, source, text),
                digest=source.digest,
                player=source.player or self.cast.players[part.name].ref,
                reads=source.reads,
                messages=source.messages,
                kept=True,
                **more,
            )
        )
        self._unchecked.add(c.c)
        verdicts = [v for v in source.verdicts if v.about != "when"]
        for v in verdicts:
            self.emit(
                ev.Judged(
                    c=c.c,
                    about=v.about,  # pyright: ignore[reportArgumentType]
                    predicate=v.predicate,
                    ok=v.ok,
                    why=v.why,
                    criterion=v.criterion,
                    digest=v.digest,
                    source=v.source,
                )
            )

    def _keep(self, c: ContributionState, part: Part) -> None:
        found = last_in_lineage(self.state, self.take.parent, self.take.parent_seq, part.name, c.item)
        if found is None:
            self.emit(ev.Skipped(c=c.c, why="it has not played, and was not asked for"))
            return
        self._reused(c, part, *found)

    def _splice(self, c: ContributionState, part: Part) -> None:
        """Take over what the conductor chose; it is known from now on as the answer to this reading."""
        take = self.wish.chosen[part.name]
        source = self.state.takes[take].last(part.name, c.item)
        if source is None or not source.version:
            self.emit(ev.Skipped(c=c.c, why=f"{c.name} has not played in {take}"))
            return
        reading, _ = self.reading(c, part)
        self._reused(c, part, take, source, answers=reading.digest)

    def _play_given(self, c: ContributionState, part: Part, version: int) -> None:
        """The conductor plays this part."""
        reading, _ = self.reading(c, part)
        text = self.state.text(ev.Read(c.entry, version))
        self._entered(c, ev.PlayerRef("human", "conductor"), reading)
        self.emit(ev.TextPlayed(c=c.c, text=text))
        self.emit(ev.Played(c=c.c, version=version, finish="conductor"))
        self.flag_dropped(c, part)
        self.flag_readers(c)

    def _entered(
        self, c: ContributionState, player: ev.PlayerRef, reading: Reading, origin: ev.Origin | None = None
    ) -> None:
        self.emit(
            ev.Entered(
                c=c.c,
                digest=reading.digest,
                player=player,
                reads=tuple(read for read, _ in reading.reads),
                messages=reading.rendered,
                origin=origin,
            )
        )

    def _miss(self, c: ContributionState, part: Part, reading: Reading) -> None:
        """Offline, and the reading is not known: give the nearest if that was asked for, else fail."""
        player = self.cast.players[part.name]
        asked = part.name in self._anew or not part.reuse
        near = nearest(self.known, part, player.ref, reading)
        if near is not None and self.wish.nearest and not asked:
            self.give_again(c, part, reading, near.answer, near)
            return
        self.missed(c, part, reading, near, asked=asked)

    @abstractmethod
    def missed(
        self, c: ContributionState, part: Part, reading: Reading, near: Near | None, *, asked: bool
    ) -> None:
        """Offline it cannot be played."""

    # Flags ------------------------------------------------------------------------------------------------

    def flag(self, c: ContributionState, flag: str, evidence: ev.Evidence) -> None:
        """Flag a contribution, unless it has this very flag."""
        if not any(f.flag == flag and f.evidence == evidence for f in c.flags):
            self.emit(ev.Flagged(c=c.c, flag=flag, evidence=evidence))

    def flag_verdicts(self, c: ContributionState, verdicts: Iterable[ev.Judged]) -> list[str]:
        """Flag what checks said no to. Gives the reasons."""
        reasons: list[str] = []
        for verdict in verdicts:
            if verdict.about == "check" and not verdict.ok:
                name = f"{verdict.criterion}, {verdict.predicate}" if verdict.criterion else verdict.predicate
                reasons.append(f"{name}: {verdict.why or 'no'}")
                entry = "criteria" if verdict.criterion else ""
                self.flag(c, "criterion", ev.Evidence(reasons[-1], entry))
        return reasons

    def flag_dropped(self, c: ContributionState, part: Part) -> list[str]:
        """Flag inputs that never reached the part that reads them. Gives the reasons."""
        reasons: list[str] = []
        for name in hears(self.take.plan.names, part):
            missing = [v for v in self.take.voices(name) if not v.version and v.status != "skipped"]
            if not missing:
                continue
            listed = ", ".join(f"{v.name} ({v.status})" for v in missing[:5])
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            reasons.append(f"it did not read {listed}{more}")
            self.flag(c, "dropped", ev.Evidence(reasons[-1], f"part/{missing[0].name}"))
        return reasons

    def flag_readers(self, c: ContributionState) -> None:
        """What entered with an older text of this part is stale, until the next conduct plays it."""
        if not c.before:
            return
        inside = self._loop_parts(c.part)
        for name in self._readers.get(c.part, ()):
            for reader in self.take.voices(name):
                if reader.status == "waiting" or (name in inside and reader.lap < c.lap):
                    continue  # it plays again anyway
                for read in reader.reads:
                    if read.entry == c.entry and read.version != c.version:
                        text = (
                            f"{c.name} played again: version {read.version} was read, "
                            f"version {c.version} stands"
                        )
                        self._stale(reader, ev.Evidence(text, c.entry, read.version, c.version))

    def _loop_parts(self, name: str) -> set[str]:
        return {other for names in self._loops.values() if name in names for other in names}

    def flag_composition(self) -> None:
        """What entered with a composition that is old by now is stale."""
        now = {read.entry: read.version for read in self.state.composition()}
        for c in self.take.standing():
            for read in c.reads:
                kind = read.entry.partition("/")[0]
                if kind in ("intent", "criteria", "material") and now.get(read.entry) != read.version:
                    new = now.get(read.entry, 0)
                    stands = f"version {new} stands" if new else "it is gone"
                    text = f"{read.entry}: version {read.version} was read, {stands}"
                    self._stale(c, ev.Evidence(text, read.entry, read.version, new))

    def _stale(self, c: ContributionState, evidence: ev.Evidence) -> None:
        self.flag(c, "stale", evidence)
        part = self._parts.get(c.part)
        if part is not None and self.take.plan.on_flag_of(part) == "retake" and c.status in ANSWERED:
            self.retake(c, [])

    def retake(self, c: ContributionState, reasons: Iterable[str]) -> bool:
        """Let a flagged contribution play again, once, with what it was flagged for as its note."""
        if c.name in self._retaken:
            return False
        self._retaken.add(c.name)
        text = "\n".join(reasons)
        if text:
            self.send(c.name, text)
        self.wait_again(c)
        return True

    def _check_kept(self) -> None:
        """Flag what was kept although it read something else, as soon as that can be told."""
        for c in [self.take.contributions[n] for n in sorted(self._unchecked)]:
            part = self._parts.get(c.part)
            if part is None or any(not settled(self.take, name) for name in part.waits):
                continue
            self._unchecked.discard(c.c)
            reading, _ = self.reading(c, part)
            if reading.digest != c.digest:
                was = self.state.takes[c.of_take].plan.get(part.name)
                evidence = changed(c, was, part, self.cast.players[part.name].ref, reading)
                self.flag(c, "stale", evidence)


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


def calls_of(state: ScoreState, answer: Answer) -> list[tuple[str, str]]:
    """The tools that a contribution called, as (name, arguments), where it was really played."""
    c = state.takes[answer.take].contributions[answer.c]
    while c.of_take:
        c = state.takes[c.of_take].contributions[c.of_c]
    return [(call.name, call.arguments) for turn in c.turns for call in turn.calls if not call.failed]
