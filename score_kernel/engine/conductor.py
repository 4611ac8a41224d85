"""The conductor of one score: owns its log and its state, and alone appends.

Everything here runs on the performance thread. An event is applied to the state (which refuses
what cannot be), appended to the log, and committed before anyone is told of it, but for streaming
text: that is committed and told at most `TICK` later, all parts' together. So whoever watches
never sees more than the file will hold, save the last moments of text in the air.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from ..errors import ConductError, UnknownName, UsageError
from ..score import events as ev
from ..score.changes import named
from ..score.cues import Branch, Cue, Drop, Note, Play
from ..score.known import Known
from ..score.moments import resolve
from ..score.notes import note_name
from ..score.plan import without_headers
from ..score.reading import Context, hears, join_criteria
from ..score.state import ANSWERED, IN_THE_AIR
from . import cueing
from .foresee import PLAYS, Foreseen, Prospect, Rehearsal, copied, missing
from .limits import Requests
from .performance import Performance

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from ..score.plan import Part, Plan, Tempo
    from ..score.ports import Clock, Form, Log, Player, Toolbox
    from ..score.recording import Recording
    from ..score.state import ContributionState, ScoreState, TakeState
    from .cast import Cast
    from .wish import Wish

    Listener = Callable[[Sequence[ev.Event]], None]

_log = logging.getLogger("score_kernel")

SNAPSHOT_EVERY = 1000
"""Events after which the end of a take is worth a snapshot, so that opening the file stays quick."""

TICK = 0.033
"""Seconds between two batches of streaming text; the contract allows 50 ms."""


@dataclass(frozen=True)
class Start:
    """How a take starts: who plays what, the opening `note`, what else it knows, and what it builds on: a
    take and the last event that counts (`branch`), or everything there is as it starts (`None`)."""

    plan: Plan
    cast: Cast
    wish: Wish
    note: str = ""
    after: tuple[str, int] | None = None
    recordings: tuple[Recording, ...] = ()
    tempo: Tempo | None = None
    """The tempo for this take, where it is not the plan's."""


@dataclass(frozen=True)
class Sent:
    """A note that was sent: its number, to whom, and what that does to each part it is to."""

    note: str
    to: str
    effects: Mapping[str, str]
    new: bool = True
    """False where it stood already, and so does nothing more."""

    def __repr__(self) -> str:
        told = "; ".join(f"{part} {effect}" for part, effect in self.effects.items())
        what = f": {told}" if told else " stands" if self.new else " stands already"
        return f"<Note {self.note} to {self.to}{what}>"


class Conductor:
    """One score's conductor. `state` is the fold of `log`, `file` where that is kept, if anywhere."""

    def __init__(self, log: Log, state: ScoreState, clock: Clock, file: str | None = None) -> None:
        self._log = log
        self.file = file
        self.state = state
        self.clock = clock
        self.performance: Performance | None = None
        self.requests = Requests()
        self.forms: Mapping[str, Form] = {}
        """By part, what it returns, as the latest orchestration or performance has it."""
        self.starting = False
        self._batches = 0
        self.lost: str = ""
        self.changed = threading.Condition()
        """Notified, on any thread that waits, after every batch of events."""
        self._listeners: list[Listener] = []
        self._outbox: list[ev.Event] = []
        self._in_memory: list[ev.Event] = []
        """What the file is not sure to hold: since the last commit, or since it was lost."""
        self._snapshot_seq = state.seq
        self._tick: asyncio.TimerHandle | None = None

    # Events out -------------------------------------------------------------------------------

    def append(self, events: Iterable[ev.Event], take: str | None = None, at: int | None = None) -> None:
        """Stamp events, take them into the state, and make them durable."""
        self._take_in(events, take, at)
        if not self._batches:
            self._commit()
        self._schedule_tick()

    @contextlib.contextmanager
    def batch(self) -> Generator[None]:
        """What is appended inside is made durable at once, as one."""
        self._batches += 1
        try:
            yield
        finally:
            self._batches -= 1
            if not self._batches:
                self._commit()

    def append_text(self, events: Iterable[ev.Event], take: str, at: int) -> None:
        """The same for streaming text, which is committed with the running tick."""
        self._take_in(events, take, at)

    def _take_in(self, events: Iterable[ev.Event], take: str | None, at: int | None) -> None:
        stamped: list[ev.Event] = []
        try:
            for event in events:
                fact = structs.replace(event, seq=self.state.seq + 1, take=take, at=at)
                self.state.apply(fact)
                stamped.append(fact)
        finally:
            self._outbox += stamped
            self._in_memory += stamped
            if not self.lost:
                try:
                    self._log.append(stamped)
                except Exception as error:
                    self._lose(error)

    def _commit(self) -> None:
        if not self.lost:
            try:
                self._log.commit()
            except Exception as error:
                self._lose(error)
            else:
                self._in_memory.clear()

    def _lose(self, error: Exception) -> None:
        """The file cannot be written any more: play on in memory, and say so where it is asked."""
        self.lost = f"the score's file can no longer be written ({error}); it goes on in memory"
        _log.warning(self.lost)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every batch of events from now on; returns what ends that."""
        self.tell()
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self.tell()
                self._listeners.remove(listener)

        return end

    def _schedule_tick(self) -> None:
        if self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(TICK, self._on_tick)

    def _on_tick(self) -> None:
        self._tick = None
        self.flush()
        self.tell()

    def flush(self) -> None:
        """Put the text that came since the last tick on the log, and make it durable."""
        if self.performance is not None:
            self.performance.flush()
        self._commit()

    def wake(self) -> None:
        """There is text to collect at the next tick."""
        self._schedule_tick()

    def tell(self) -> None:
        """Give what happened to all who listen, and wake all who wait."""
        batch, self._outbox = self._outbox, []
        if batch:
            for listener in list(self._listeners):
                try:
                    listener(batch)
                except Exception:
                    _log.exception("a listener failed")
            with self.changed:
                self.changed.notify_all()

    def save_snapshot(self) -> None:
        """Keep a snapshot, if much has happened since the last."""
        if self.state.seq - self._snapshot_seq < SNAPSHOT_EVERY or self.lost:
            return
        self._snapshot_seq = self.state.seq
        try:
            self._log.save_snapshot(self.state)
        except Exception as error:
            self._lose(error)

    def events(self, take: str | None = None, *, before: bool = False) -> list[ev.Event]:
        """What the log holds: everything, or one take's events; `before`, all up to its last."""
        found = None if take is None else self.state.takes[take]
        after = found.first_seq - 1 if found and not before else 0
        upto = found.last_seq if found else self.state.seq
        of = None if before else take
        committed = self.state.seq - len(self._in_memory)
        late = [e for e in self._in_memory if after < e.seq <= upto and of in (None, e.take)]
        return [*self._log.read(after=after, upto=min(upto, committed), take=of), *late]

    def close(self) -> None:
        """Stop what plays and let go of the file."""
        if self.performance is not None and not self.performance.take.over:
            self.performance.stop("the score was closed")
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self._commit()
        self.tell()
        self.save_snapshot()
        self.lost = self.lost or "the score was closed"  # nothing goes into the file any more
        self._log.close()

    # The shared context -----------------------------------------------------------------------

    def recover(self) -> None:
        """End what an earlier process left unfinished: what was in the air is cut, the take stopped."""
        for take in self.state.takes.values():
            if take.over:
                continue
            air = [c.c for c in take.contributions.values() if c.status in IN_THE_AIR]
            cut = [ev.Cut(c=c, by="crash") for c in air]
            end = ev.TakeEnded(status="stopped", why="the kernel ended")
            self.append([*cut, end], take.id, take.at)

    def write(self, texts: Mapping[str, str]) -> dict[str, int]:
        """Make these the newest texts of their entries; text seen before keeps its version."""
        versions = {entry: self.state.version_of(entry, text) for entry, text in texts.items()}
        self.append(
            ev.EntryWritten(entry=entry, version=versions[entry], text=text)
            for entry, text in texts.items()
            if versions[entry] not in self.state.entries.get(entry, ())
        )
        return versions

    def compose(
        self, title: str, intent: str, criteria: Sequence[str], materials: Mapping[str, str]
    ) -> tuple[list[str], list[str]]:
        """Make this the composition. Returns what changed, and the parts that read an old version of it."""
        state = self.state
        before = {read.entry: read.version for read in state.composition()}
        texts = {"intent": intent}
        if criteria:
            texts["criteria"] = join_criteria(criteria)
        texts.update({f"material/{name}": text for name, text in materials.items()})
        versions = {entry: state.version_of(entry, text) for entry, text in texts.items()}
        if before != versions or list(before) != list(versions) or title != state.title:
            self.write(texts)
            self.append(
                [
                    ev.Composed(
                        title=title,
                        intent=versions["intent"],
                        criteria=versions.get("criteria", 0),
                        materials=tuple(
                            ev.Read(entry, version)
                            for entry, version in versions.items()
                            if entry.startswith("material/")
                        ),
                    )
                ]
            )
            if self.performance is not None and not self.performance.take.over:
                self.performance.flag_composition()
                self.tell()
        changes = [
            _became(entry, versions.get(entry))
            for entry in dict.fromkeys([*versions, *before])
            if before.get(entry) != versions.get(entry)
        ]
        return changes, self._readers_of_old({e for e in before if before[e] != versions.get(e)})

    def _readers_of_old(self, entries: set[str]) -> list[str]:
        """The parts whose standing contribution read one of these entries, and not as it stands."""
        now = self.state.composition()
        if self.state.head is None:
            return []
        take = self.state.takes[self.state.head]
        return [
            c.name
            for c in take.standing()
            if c.version and any(read.entry in entries and read not in now for read in c.reads)
        ]

    def orchestrate(self, plan: Plan, cast: Callable[[], Cast]) -> Plan:
        """Make this the plan, and give it as it is on the score. The same plan again changes nothing.

        A take that goes on then goes on with it; for that it is `cast` anew.
        """
        plan = without_headers(plan)
        playing = self.performance if self._goes_on(None) else None
        anew = cast() if playing is not None else None
        if plan != self.state.plan:
            self.append([ev.Orchestrated(plan=plan)])
        if playing is not None and anew is not None:
            self._replan(playing, plan, anew)
        return plan

    def _replan(self, playing: Performance, plan: Plan, cast: Cast) -> None:
        old = playing.take.plan
        if plan != old:
            playing.emit(ev.PlanChanged(plan=plan))
        if plan.tempo != old.tempo or playing.take.tempo.lead not in (
            "free",
            "conductor",
            "clock",
            *plan.names,
        ):
            playing.emit(ev.TempoSet(tempo=plan.tempo))
            playing.lead_changed()
        playing.replan(cast)
        cueing.go_on(playing)
        self.tell()

    # Takes ------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The plan. Raises `ConductError` where there is none."""
        if self.state.plan is None:
            raise ConductError("there are no parts yet: write and run an %%orchestrate cell first")
        return self.state.plan

    def refuse_if_playing(self) -> None:
        """One take of a score plays at a time."""
        playing = self.performance.take if self.performance is not None else None
        if self.starting or (playing is not None and playing.status == "playing"):
            if self.starting or playing is None:
                raise ConductError("a take is just about to start: wait for it")
            raise ConductError(
                f"{playing.id} is still playing: wait for it, pause it, or end it with %cue stop"
            )

    def branch(self, moment: str) -> tuple[str, int]:
        """What a take that starts at a moment builds on: a take, and the last event that counts.

        Raises `UnknownName`.
        """
        return resolve(self.state, moment, self.events)

    def _after(self, start: Start) -> tuple[str | None, int]:
        return start.after or (self.state.head, self.state.seq)

    def known(self, wish: Wish, after: tuple[str, int] | None, recordings: tuple[Recording, ...]) -> Known:
        """What is known to a take that starts so (`Start`)."""
        take, seq = after or (self.state.head, self.state.seq)
        return Known(self.state, take, seq, recordings, others=wish.offline)

    def _known(self, start: Start) -> Known:
        return self.known(start.wish, start.after, start.recordings)

    def context(self, start: Start) -> Context:
        """What every part of a take that starts so reads, its notes included."""
        return Context.of(self.state, *self._after(start), self._notes_of(start))

    def _notes_of(self, start: Start) -> list[tuple[str, str, str]]:
        """The notes that a start brings along, as (name, to whom, text): its recordings', and its own."""
        # what was sent here already stands, or was dropped for good reason
        here = [note for note in self.state.sent_by(*self._after(start)) if note.version]
        opened = any(note.note == "opening" for note in here)
        sent_here = {(note.to, self.state.text(note.read)) for note in here}
        found: dict[str, tuple[str, str]] = {}
        for recording in start.recordings:
            theirs = recording.state
            for note in theirs.notes(theirs.head, theirs.seq).values():
                sent = note.to, theirs.text(note.read)
                if note.note == "opening":
                    if not opened and not start.note:
                        found.setdefault("opening", sent)
                elif sent not in sent_here:
                    sent_here.add(sent)
                    found[note_name(self.state, *sent, wanted=note.note, taken=found)] = sent
        if start.note:
            found["opening"] = "all", start.note
        return [(name, to, text) for name, (to, text) in found.items()]

    def note_name(self, to: str, text: str) -> str:
        """What a note is called, or would be."""
        return note_name(self.state, to, text)

    def foresee(self, start: Start) -> Prospect:
        """What conducting so would do."""
        plan, wish = start.plan, start.wish
        unknown = sorted((wish.only | wish.fresh | wish.chosen.keys()) - set(plan.names))
        if unknown:
            raise UnknownName(f"there is no part {unknown[0]!r}; the parts are {', '.join(plan.names)}")
        prospect = self._rehearse(start)
        foreseen = prospect.foreseen
        self._refuse_what_is_not_composed(plan[f.part] for f in foreseen if f.verdict in PLAYS)
        skipped = {f.part for f in foreseen if f.verdict == "skipped" and wish.keeps(f.part)}
        for name in (part.name for part in plan if part.name in wish.only):
            lacks = sorted(skipped & {*plan[name].waits, *hears(plan.names, plan[name])})
            if lacks:
                raise ConductError(
                    f"{name} needs {lacks[0]}, which has not played yet: "
                    f"--only {','.join([*lacks, *sorted(wish.only)])}"
                )
        return prospect

    def _rehearse(self, start: Start) -> Prospect:
        """The take that would start, as far as it needs nothing new."""
        state = copied(self.state)
        notes, known = self._notes_of(start), self._known(start)
        began, take_id = self._beginning(start)
        state.apply(structs.replace(began, seq=state.seq + 1, take=take_id, at=0))
        rehearsal = Rehearsal(state, state.takes[take_id], start.cast, start.wish, known)
        for name, to, text in notes:
            rehearsal.send_named(name, to, text)
        return rehearsal.prospect()

    def _beginning(self, start: Start) -> tuple[ev.TakeStarted, str]:
        """The first event of a take that starts so, and the take's id."""
        parent, parent_seq = self._after(start)
        number = 1 + max((take.number for take in self.state.takes.values()), default=0)
        began = ev.TakeStarted(
            number=number,
            parent=parent,
            parent_seq=parent_seq,
            began=self.clock.wall(),
            plan=start.plan,
            tempo=start.tempo or start.plan.tempo,
            title=self.state.title,
        )
        return began, f"take{number}"

    def refuse_unknown(self, foreseen: Iterable[Foreseen]) -> None:
        """Raise `ConductError` where a model's part would have to play, and may not."""
        for f in foreseen:
            if f.verdict == "unknown":
                raise ConductError(missing(f.part, f.near, asked=f.asked))

    def _refuse_what_is_not_composed(self, parts: Iterable[Part]) -> None:
        """A part cannot read a material that there is not. (Criteria it may: there can be none.)"""
        composed = [read.entry for read in self.state.materials]
        for part in parts:
            wanted = [entry for entry in part.reads or () if entry.startswith("material/")]
            missing = [entry for entry in wanted if entry not in composed]
            if missing:
                use = ",".join(entry.removeprefix("material/") for entry in [*composed, *missing])
                are = "which is" if len(missing) == 1 else "which are"
                raise ConductError(
                    f"{part.name} reads {' and '.join(missing)}, {are} not composed: "
                    f"run %%compose with -u {use}"
                )

    def same_as_before(self, prospect: Prospect, wish: Wish) -> str | None:
        """The newest finished take that is just what this one would come to, or `None`."""
        if not prospect.nothing_new:
            return None
        spliced = bool(wish.chosen)
        wanted = self._outcome(prospect.state, prospect.take, spliced=spliced)
        for take in reversed(self.state.takes.values()):
            if take.status == "finished" and self._outcome(self.state, take, spliced=spliced) == wanted:
                return take.id
        return None

    def _outcome(self, state: ScoreState, take: TakeState, *, spliced: bool) -> dict[str, object]:
        """What stands in a take, by name: where it was really played, its text, for which other reading."""
        return {
            c.name: (
                self._origin(state, take.id, c),
                state.text_of(take.id, c),
                c.digest if c.origin is not None and c.origin.differs else "",
                # what was chosen has become the answer to what it would read
                not c.answers_for and any(flag.flag == "stale" for flag in c.flags),
                c.answers_for if spliced else "",
            )
            if c.status in ANSWERED
            else c.status
            for c in take.standing()
        }

    def _origin(self, state: ScoreState, take: str, c: ContributionState) -> tuple[str, str, int]:
        """Where an answer was really played, as far as this score knows: recording, take, contribution."""
        while c.of_take:
            take, c = c.of_take, state.takes[c.of_take].contributions[c.of_c]
        if c.origin is not None:
            return c.origin.recording, c.origin.take, c.origin.c
        return "", take, c.c

    async def prepare(self, players: Iterable[Player], toolboxes: Iterable[Toolbox] = ()) -> None:
        """Let players and tools load and check what they need, before the clock starts."""
        self.starting = True
        try:
            await asyncio.gather(
                *(player.prepare() for player in players), *(box.open() for box in toolboxes)
            )
        finally:
            self.starting = False

    def stop_what_waits(self) -> None:
        """End a paused or held take, because another is conducted."""
        if self.performance is not None and not self.performance.take.over:
            self.performance.stop("another take was conducted")

    def name_take(self, take: str, name: str) -> None:
        """Let the label stand on this take."""
        if name and self.state.labels.get(name) != take:
            self.append([ev.TakeNamed(name=name)], take)

    def send(self, notes: Iterable[tuple[str, str, str]], take: str | None, at: int | None = 0) -> None:
        """Let notes, as (name, to whom, text), stand in a take, `at` ms since it began, or from now on."""
        if take is None:
            at, standing = None, self.state.notes(self.state.head, self.state.seq)
        else:
            standing = self.state.notes(take, self.state.seq)
        for name, to, text in notes:
            version = self.write({f"note/{name}": text})[f"note/{name}"]
            found = standing.get(name)
            if found is None or (found.to, found.version) != (to, version):
                self.append([ev.Noted(note=name, to=to, version=version)], take, at)

    def start(self, start: Start, name: str) -> Performance:
        """Start a take, and let it play."""
        self.refuse_if_playing()
        self.stop_what_waits()
        notes, known = self._notes_of(start), self._known(start)
        began, take_id = self._beginning(start)
        with self.batch():
            self.append([began], take_id, 0)
            take = self.state.takes[take_id]
            self.performance = Performance(self, take, start.cast, start.wish, known)
            self.forms = {**self.forms, **start.cast.forms}
            self.performance.begin()
            self.send(notes, take_id)
            self.name_take(take_id, name)
        self.performance.step()
        return self.performance

    def note(self, cue: Note, take: str | None = None) -> Sent:
        """Send a note: into the take that plays, else it stands for the next one.

        Raises `UsageError` for an empty one, `UnknownName` where there is no such part.
        """
        playing = self.performance if self._goes_on(take) else None
        plan = playing.take.plan if playing is not None else self.state.plan
        text = cue.text.strip("\n")
        if not text.strip():
            raise UsageError("a note wants a text: %cue note PART TEXT")
        names = plan.names if plan is not None else ()
        if cue.to != "all" and cue.to not in names:
            raise UnknownName(f"there is no part {cue.to!r}; a note goes to {', '.join(('all', *names))}")
        name = self.note_name(cue.to, text)
        sent = len(self.state.sent)
        if playing is not None:
            effects = cueing.note(playing, cue, name, text)
        else:
            self.send([(name, cue.to, text)], None)
            effects = dict.fromkeys(names if cue.to == "all" else (cue.to,), "reads it in the next take")
        self.tell()
        new = len(self.state.sent) > sent
        return Sent(name, cue.to, effects if new else {}, new)

    def drop(self, cue: Drop, take: str | None = None) -> None:
        """Let a note no longer stand. Raises `UnknownName` where none of that number does."""
        playing = self.performance if self._goes_on(take) else None
        of, at = (playing.take.id, playing.at()) if playing is not None else (None, None)
        standing = self.state.notes(of or self.state.head, self.state.seq)
        if cue.note not in standing:
            there = f"there stand {', '.join(standing)}" if standing else "no note stands"
            raise UnknownName(f"no note {cue.note} stands; {there}")
        self.append([ev.NoteDropped(note=cue.note)], of, at)
        self.tell()

    def _goes_on(self, take: str | None) -> bool:
        """Whether this take, or by default the latest, has not ended."""
        playing = self.performance
        return playing is not None and not playing.take.over and take in (None, playing.take.id)

    def cue(self, cue: Cue, take: str | None = None) -> TakeState:
        """Do what a cue asks, or say in one line why not. `take` defaults to the latest."""
        if isinstance(cue, Note | Drop):
            if take is not None and not self._goes_on(take):
                raise UsageError(f"{take} has ended and never changes again; conduct to play a new take")
            _ = self.note(cue, take) if isinstance(cue, Note) else self.drop(cue, take)
            return self.state.takes[take or self.state.head or ""]
        if isinstance(cue, Play) and not self._goes_on(take):
            self.contribute(cue)
            return self.state.takes[take or self.state.head or ""]
        if isinstance(cue, Branch):
            raise UsageError("branching starts another take: conduct with --from MOMENT")
        performance = self.performance
        if performance is None:
            if self.state.head is not None:
                raise UsageError(f"{self.state.head} has ended; conduct to play a new take")
            raise UsageError("nothing has been conducted yet: run a %%conduct cell first")
        if take is not None and take != performance.take.id:
            raise UsageError(f"{take} has ended and never changes again; conduct to play a new take")
        with self.batch():
            cueing.hear(performance, cue)
        self.tell()  # whoever pressed a button sees at once that it did something
        return performance.take

    def play(self, cue: Play) -> str:
        """Let this text be what a part plays: now, if a take goes on, else in the next one. Says which."""
        if self._goes_on(None):
            return self.cue(cue).id
        self.contribute(cue)
        self.tell()
        return ""

    def contribute(self, cue: Play) -> None:
        """Let this text be what a part plays in the next take. Raises `UnknownName`."""
        if cue.part not in self.plan():
            raise UnknownName(f"there is no part {cue.part!r}; the parts are {', '.join(self.plan().names)}")
        entry = f"part/{cue.part}" if cue.item is None else f"part/{cue.part}[{cue.item}]"
        version = self.write({entry: cue.text})[entry]
        self.append([ev.Contributed(part=cue.part, version=version, item=cue.item)])


def _became(entry: str, version: int | None) -> str:
    be = "are" if entry == "criteria" else "is"
    return f"{named(entry)} {be} {'gone' if version is None else f'version {version}'}"
