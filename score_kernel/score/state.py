"""The score as it stands: the fold of its events.

`ScoreState.apply` takes one event and is the only thing that changes a state. It refuses an event
that breaks the life of a take or a contribution (`IllegalEvent`: a bug of ours, or a broken file),
so that no reader of a log has to wonder. The view folds the same events in TypeScript
(`widgets/src/model`), checked on the same fixtures; `outline` is what both are compared by.

States are plain msgspec structs, so a snapshot is their MessagePack encoding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from . import events as ev
from .plan import Plan, Tempo
from .text import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The life of a contribution (contract, section 8). What has no way on is final.
CONTRIBUTION_LIFE: dict[str, frozenset[str]] = {
    "waiting": frozenset({"playing", "reused", "muted", "skipped", "blocked", "cut"}),
    "playing": frozenset({"held", "played", "failed", "cut"}),
    "held": frozenset({"playing", "played", "cut"}),
    "played": frozenset(),
    "reused": frozenset(),
    "muted": frozenset(),
    "skipped": frozenset(),
    "blocked": frozenset(),
    "failed": frozenset(),
    "cut": frozenset(),
}
TAKE_LIFE: dict[str, frozenset[str]] = {
    "playing": frozenset({"paused", "held", "stopped", "finished", "failed"}),
    "paused": frozenset({"playing", "stopped"}),
    "held": frozenset({"playing", "stopped"}),
    "stopped": frozenset(),
    "finished": frozenset(),
    "failed": frozenset(),
}
ANSWERED = frozenset({"played", "reused"})
"""Statuses of a contribution whose text counts."""
SILENT = frozenset({"muted", "skipped"})
"""Statuses that what comes after goes on without."""
IN_THE_AIR = frozenset({"playing", "held"})
OPEN = frozenset({"waiting", "playing", "held"})
"""Statuses that are not final."""


class IllegalEvent(ValueError):
    """An event that cannot follow the ones before it."""


class FlagState(Struct):
    """Something off-key, with its evidence; `at` in ms since the take began."""

    flag: str
    at: int
    evidence: ev.Evidence


class Try(Struct):
    """A try that failed: when it ended (ms), why, and the text it had, kept and never read.

    `wait` is how long after that (ms) the next was to begin.
    """

    at: int
    reason: str
    message: str
    text: str
    wait: int = 0


class CallState(Struct):
    """A call of a tool: what it was given, what came of it (`result`, `None` until it did)."""

    id: str
    name: str
    arguments: str
    at: int
    result: str | None = None
    failed: bool = False
    ended: int | None = None


class TurnState(Struct):
    """A turn before the last: its text, the tools it called, or what was said to it (`say`) to mend it.

    `at` is when it ended (ms).
    """

    at: int
    text: str
    calls: list[CallState] = field(default_factory=list)
    say: str = ""


class Verdict(Struct):
    """What a predicate of the notebook said about a contribution."""

    about: str
    predicate: str
    ok: bool
    why: str = ""
    criterion: str = ""
    digest: str = ""
    source: str = ""


class SectionState(Struct):
    """The items that a section is played over, and what they are called."""

    items: tuple[ev.Read, ...]
    labels: tuple[str | int | float, ...] = ()
    lap: int = 1


class ContributionState(Struct):
    """One contribution. Times are ms since the take began, `ended_seq` the event that ended it."""

    c: int
    part: str
    item: int | None = None
    lap: int = 1
    before: int = 0
    """The contribution of the same part and item that this one comes after in its take."""
    status: str = "waiting"
    cued: bool = False
    asks: str = ""
    call: str = ""
    how: str = ""
    turns: list[TurnState] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    answers_for: str = ""
    entered: int | None = None
    ended: int | None = None
    ended_seq: int = 0
    digest: str = ""
    player: ev.PlayerRef | None = None
    reads: tuple[ev.Read, ...] = ()
    messages: tuple[ev.Message, ...] = ()
    chunks: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    version: int = 0
    finish: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    estimated: bool = False
    model: str = ""
    of_take: str = ""
    of_c: int = 0
    kept: bool = False
    origin: ev.Origin | None = None
    why: str = ""
    message: str = ""
    detail: str = ""
    flags: list[FlagState] = field(default_factory=list)

    @property
    def answers(self) -> bool:
        """Whether its text is an answer to its own reading, and so known: it was not made for another."""
        return self.known_for != ""

    @property
    def known_for(self) -> str:
        """The digest of the reading that it is the answer to, or an empty string: it was made for another."""
        if self.status not in ANSWERED or (self.origin and self.origin.differs) or self.unfinished:
            return ""
        return self.answers_for if self.kept else self.digest

    @property
    def unfinished(self) -> bool:
        """Whether it was ended with what it had: it counts, and is not known."""
        return any(flag.flag == "incomplete" for flag in self.flags)

    def verdict(self, about: str) -> Verdict | None:
        """The newest verdict about it of that kind."""
        return next((v for v in reversed(self.verdicts) if v.about == about), None)

    @property
    def attempts(self) -> int:
        """How many tries began. One that was still waited for as the contribution ended did not."""
        if self.entered is None or self.status == "reused" or self.origin is not None:
            return 0
        failed = self.tries[-1] if self.tries else None
        ended_from_outside = self.status == "cut" or (self.status == "failed" and self.why == "timeout")
        waited = (
            ended_from_outside
            and failed is not None
            and self.ended is not None
            and self.ended < failed.at + failed.wait
        )
        return len(self.tries) + (not waited)

    @property
    def streamed(self) -> str:
        """The text of the present try, as far as it came."""
        return joined(self.chunks)

    @property
    def entry(self) -> str:
        """The entry that this part's text becomes: `part/coder`, `part/coder[3]`."""
        return f"part/{self.name}"

    @property
    def name(self) -> str:
        """What it is called: `coder`, or in a section `coder[3]`."""
        return self.part if self.item is None else f"{self.part}[{self.item}]"


class TakeState(Struct):
    """One performance. `first_seq` to `last_seq` are its events; others may stand between."""

    id: str
    number: int
    parent: str | None
    parent_seq: int
    began: str
    plan: Plan
    tempo: Tempo
    first_seq: int
    last_seq: int
    title: str = ""
    status: str = "playing"
    at: int = 0
    paused_by: str = ""
    waits_for: str = ""
    why: str = ""
    beats: int = 0
    sections: dict[str, SectionState] = field(default_factory=dict)
    contributions: dict[int, ContributionState] = field(default_factory=dict)
    newest: dict[str, dict[int, int]] = field(default_factory=dict)
    """By part, and by item (-1 where it is no section), the number of the newest contribution."""
    tally: dict[str, dict[str, int]] = field(default_factory=dict)
    """By part, how many of its standing contributions are of each status."""
    waiting: dict[str, dict[int, None]] = field(default_factory=dict)
    """By part, the standing contributions that wait, in the order in which they came to."""
    given: dict[str, int] = field(default_factory=dict)
    """What the conductor played before the take began: versions of the entries `part/NAME`, by name."""

    def of(self, part: str) -> list[ContributionState]:
        """The contributions of a part in this take, oldest first."""
        return [c for c in self.contributions.values() if c.part == part]

    def last(self, part: str, item: int | None = None) -> ContributionState | None:
        """The newest contribution of a part; of a section's, that of its `item`, else its last one."""
        items = self.newest.get(part)
        if not items:
            return None
        c = next(reversed(items.values())) if item is None else items.get(item)
        return None if c is None else self.contributions[c]

    def voices(self, part: str) -> list[ContributionState]:
        """A part's standing contributions: one, or in a section one of each item, in order."""
        return [self.contributions[c] for c in self.newest.get(part, {}).values()]

    def standing(self) -> list[ContributionState]:
        """The newest contribution of each part and item, in plan order; without parts that left the plan."""
        return [c for name in self.plan.names for c in self.voices(name)]

    @property
    def over(self) -> bool:
        """Whether the take has ended, and so never changes again."""
        return not TAKE_LIFE[self.status]


class NoteState(Struct):
    """A note as it was sent (or, `version` 0, dropped) with event `seq`.

    It counts in the take `of` and in what branches from that after it; `None` is before all takes.
    `at` is in ms since that take began, or `None` where it was sent between takes.
    """

    note: str
    to: str
    version: int
    of: str | None
    seq: int
    at: int | None = None

    @property
    def read(self) -> ev.Read:
        """The entry that it is read as."""
        return ev.Read(f"note/{self.note}", self.version)


class ScoreState(Struct):
    """Everything that a log's events amount to.

    `entries` maps a name to its texts by version, the first being version 1. In a whole log no
    version is missing; in an excerpt only those stand that the take refers to.
    """

    seq: int = 0
    entries: dict[str, dict[int, str]] = field(default_factory=dict)
    title: str = ""
    intent: int = 0
    criteria: int = 0
    materials: tuple[ev.Read, ...] = ()
    plan: Plan | None = None
    sent: list[NoteState] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)
    """What the conductor played since the latest take, for the next: versions of `part/NAME`, by name."""
    takes: dict[str, TakeState] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    head: str | None = None

    # Questions ----------------------------------------------------------------------------

    def text(self, read: ev.Read) -> str:
        """The text of an entry at a version."""
        return self.entries[read.entry][read.version]

    def version_of(self, entry: str, text: str) -> int:
        """The version that `text` has, or would get, as `entry`. Text seen before keeps its number."""
        texts = self.entries.get(entry, {})
        for version, known in texts.items():
            if known == text:
                return version
        return max(texts, default=0) + 1

    def name_of(self, take: str) -> str:
        """The label that stands on a take now, or an empty string."""
        return next((name for name, labelled in self.labels.items() if labelled == take), "")

    def text_of(self, take: str, contribution: ContributionState) -> str:
        """What a contribution has played so far; for a reused one, what it took over."""
        if contribution.version:
            return self.text(ev.Read(contribution.entry, contribution.version))
        return contribution.streamed

    def composition(self) -> tuple[ev.Read, ...]:
        """The entries that every part reads unless it says otherwise, in order."""
        found: list[ev.Read] = []
        if self.intent:
            found.append(ev.Read("intent", self.intent))
        if self.criteria:
            found.append(ev.Read("criteria", self.criteria))
        return (*found, *self.materials)

    def lineage(self, take: str | None, seq: int) -> Iterator[tuple[TakeState, int]]:
        """A take and what it branched from, nearest first, each with its last event that counts."""
        while take is not None:
            found = self.takes[take]
            yield found, seq
            take, seq = found.parent, found.parent_seq

    def notes(self, take: str | None, seq: int) -> dict[str, NoteState]:
        """The notes that stand in a take as of event `seq`, in the order sent."""
        standing: dict[str, NoteState] = {}
        for note in self.sent_by(take, seq):
            if (
                note.note != "opening" or not note.version
            ):  # another opening takes the place of the one before
                standing.pop(note.note, None)
            if note.version:
                standing[note.note] = note
        return standing

    def sent_by(self, take: str | None, seq: int) -> Iterator[NoteState]:
        """All notes that were sent or dropped in a take and its lineage as of event `seq`."""
        lineage = {found.id: limit for found, limit in self.lineage(take, seq)}
        for note in self.sent:
            if note.of is None or note.seq <= lineage.get(note.of, 0):
                yield note

    # The fold -----------------------------------------------------------------------------

    def apply(self, event: ev.Event) -> None:
        """Take one event in. Raises `IllegalEvent` where it cannot follow what was before."""
        if 0 < event.seq <= self.seq:  # 0: quoted in an excerpt, not a fact of its own
            raise IllegalEvent(f"event {event.seq} after event {self.seq}")
        handler = _HANDLERS[type(event)]
        if (event.take is None) != (type(event) in _OF_THE_SCORE) and type(event) not in _NOTES:
            raise IllegalEvent(f"event {event.seq} belongs to {event.take or 'no take'}")
        if event.take is None:
            handler(self, event)
        else:
            self._apply_to_take(event.take, handler, event)
        self.seq = max(self.seq, event.seq)

    def _apply_to_take(self, name: str, handler: Any, event: ev.Event) -> None:
        take = self.takes.get(name)
        if take is None:
            if not isinstance(event, ev.TakeStarted):
                raise IllegalEvent(f"event {event.seq}: {event.take} has not started")
            handler(self, event)
            return
        if isinstance(event, ev.TakeNamed):
            handler(self, event)
            return
        if isinstance(event, ev.TakeStarted):
            raise IllegalEvent(f"event {event.seq}: {take.id} has started already")
        if take.over:
            raise IllegalEvent(f"event {event.seq}: {take.id} has ended")
        if type(event) in _NOTES:
            handler(self, event)
        else:
            handler(self, take, event)
        take.last_seq = event.seq
        take.at = max(take.at, event.at or 0)

    def _write(self, entry: str, version: int, text: str) -> None:
        if version < 1 or self.entries.setdefault(entry, {}).setdefault(version, text) != text:
            raise IllegalEvent(f"{entry} has another version {version} already")

    def _entry_written(self, e: ev.EntryWritten) -> None:
        self._write(e.entry, e.version, e.text)

    def _composed(self, e: ev.Composed) -> None:
        self.title, self.intent, self.criteria, self.materials = e.title, e.intent, e.criteria, e.materials

    def _orchestrated(self, e: ev.Orchestrated) -> None:
        self.plan = e.plan

    def _noted(self, e: ev.Noted) -> None:
        self.sent.append(NoteState(e.note, e.to, e.version, e.take or self.head, e.seq, e.at))

    def _note_dropped(self, e: ev.NoteDropped) -> None:
        self.sent.append(NoteState(e.note, "", 0, e.take or self.head, e.seq, e.at))

    def _contributed(self, e: ev.Contributed) -> None:
        name = e.part if e.item is None else f"{e.part}[{e.item}]"
        if e.version not in self.entries.get(f"part/{name}", ()):
            raise IllegalEvent(f"event {e.seq}: there is no version {e.version} of part/{name}")
        given = self.given if e.take is None else self.takes[e.take].given
        given[name] = e.version

    def _take_started(self, e: ev.TakeStarted) -> None:
        assert e.take is not None
        given, self.given = self.given, {}
        self.takes[e.take] = TakeState(
            id=e.take,
            number=e.number,
            parent=e.parent,
            parent_seq=e.parent_seq,
            began=e.began,
            plan=e.plan,
            tempo=e.tempo,
            title=e.title,
            first_seq=e.seq,
            last_seq=e.seq,
            given=given,
        )
        self.head = e.take

    def _take_named(self, e: ev.TakeNamed) -> None:
        assert e.take is not None
        self.labels[e.name] = e.take

    # A take's life ------------------------------------------------------------------------

    @staticmethod
    def _turn(take: TakeState, status: str) -> None:
        if status not in TAKE_LIFE[take.status]:
            raise IllegalEvent(f"{take.id} is {take.status} and cannot become {status}")
        take.status = status

    def _paused(self, take: TakeState, e: ev.Paused) -> None:
        self._turn(take, "paused")
        take.paused_by = e.by

    def _resumed(self, take: TakeState, _: ev.Resumed) -> None:
        self._turn(take, "playing")
        take.paused_by = take.waits_for = ""

    def _take_held(self, take: TakeState, e: ev.TakeHeld) -> None:
        self._turn(take, "held")
        take.waits_for = e.waits_for

    def _tempo(self, take: TakeState, e: ev.TempoSet) -> None:
        take.tempo = e.tempo

    def _beat(self, take: TakeState, e: ev.Beat) -> None:
        take.beats += e.n

    def _plan_changed(self, take: TakeState, e: ev.PlanChanged) -> None:
        take.plan = e.plan

    def _section_opened(self, take: TakeState, e: ev.SectionOpened) -> None:
        take.sections[e.part] = SectionState(e.items, e.labels, e.lap)
        old = take.newest.get(e.part, {})
        take.newest[e.part] = {item: c for item, c in old.items() if 0 <= item < len(e.items)}
        tally: dict[str, int] = {}
        waiting = take.waiting[e.part] = {}
        for c in take.newest[e.part].values():
            status = take.contributions[c].status
            tally[status] = tally.get(status, 0) + 1
            if status == "waiting":
                waiting[c] = None
        take.tally[e.part] = tally

    def _take_ended(self, take: TakeState, e: ev.TakeEnded) -> None:
        if any(c.status in IN_THE_AIR for c in take.contributions.values()):
            raise IllegalEvent(f"{take.id} cannot end while something plays")
        self._turn(take, e.status)
        take.why = e.why

    # A contribution's life ----------------------------------------------------------------

    @staticmethod
    def _move(take: TakeState, e: Any, status: str) -> ContributionState:
        contribution = take.contributions.get(e.c)
        if contribution is None:
            raise IllegalEvent(f"event {e.seq}: {take.id} has no contribution {e.c}")
        if status not in CONTRIBUTION_LIFE[contribution.status]:
            raise IllegalEvent(
                f"event {e.seq}: {contribution.name} is {contribution.status} and cannot become {status}"
            )
        _count(take, contribution, -1)
        contribution.status = status
        _count(take, contribution, 1)
        if not CONTRIBUTION_LIFE[status]:
            contribution.ended, contribution.ended_seq = e.at, e.seq
        return contribution

    @staticmethod
    def _in_the_air(take: TakeState, e: Any) -> ContributionState:
        contribution = take.contributions.get(e.c)
        if contribution is None or contribution.status not in IN_THE_AIR:
            raise IllegalEvent(f"event {e.seq}: contribution {e.c} of {take.id} is not playing")
        return contribution

    def _waiting(self, take: TakeState, e: ev.Waiting) -> None:
        if e.c in take.contributions:
            raise IllegalEvent(f"{take.id} has a contribution {e.c} already")
        section = take.sections.get(e.part)
        if e.item is not None and (section is None or not 0 <= e.item < len(section.items)):
            raise IllegalEvent(f"event {e.seq}: the section {e.part} of {take.id} has no item {e.item}")
        take.contributions[e.c] = ContributionState(c=e.c, part=e.part, item=e.item, lap=e.lap)
        newest, item = take.newest.setdefault(e.part, {}), -1 if e.item is None else e.item
        if item < 0 and newest and item not in newest:  # it is no section any more, or one yet to be opened
            newest.clear()
            take.tally[e.part], take.waiting[e.part] = {}, {}
        if item in newest:
            take.contributions[e.c].before = newest[item]
            _count(take, take.contributions[newest[item]], -1)
        newest[item] = e.c
        _count(take, take.contributions[e.c], 1)

    def _cued_in(self, take: TakeState, e: ev.CuedIn) -> None:
        c = take.contributions.get(e.c)
        if c is None or c.status != "waiting":
            raise IllegalEvent(f"event {e.seq}: contribution {e.c} of {take.id} does not wait")
        c.cued = True

    def _entered(self, take: TakeState, e: ev.Entered) -> None:
        c = self._move(take, e, "playing")
        if take.tempo.lead == "conductor" and not c.cued and e.origin is None:
            take.beats = max(0, take.beats - 1)
        if e.player.kind == "human":
            take.given.pop(c.name, None)
        c.entered = e.at
        c.digest, c.player, c.reads, c.messages = e.digest, e.player, e.reads, e.messages
        c.origin = e.origin

    def _text(self, take: TakeState, e: ev.TextPlayed) -> None:
        self._in_the_air(take, e).chunks.append(e.text)

    def _printed(self, take: TakeState, e: ev.Printed) -> None:
        self._in_the_air(take, e).printed.append(e.text)

    def _usage(self, take: TakeState, e: ev.UsageReported) -> None:
        c = self._in_the_air(take, e)
        c.tokens_in += e.tokens_in
        c.tokens_out += e.tokens_out
        if e.cost is not None:
            c.cost = (c.cost or 0.0) + e.cost
        c.estimated = c.estimated or e.estimated
        c.model = e.model or c.model

    def _retried(self, take: TakeState, e: ev.Retried) -> None:
        c = self._in_the_air(take, e)
        c.tries.append(Try(at=e.at or 0, reason=e.reason, message=e.message, text=c.streamed, wait=e.wait))
        c.chunks.clear()

    def _tools_called(self, take: TakeState, e: ev.ToolsCalled) -> None:
        c, at = self._in_the_air(take, e), e.at or 0
        calls = [CallState(call.id, call.name, call.arguments, at) for call in e.calls]
        c.turns.append(TurnState(at, c.streamed, calls))
        c.chunks.clear()

    def _tool_returned(self, take: TakeState, e: ev.ToolReturned) -> None:
        c = self._in_the_air(take, e)
        calls = c.turns[-1].calls if c.turns else []
        call = next((call for call in calls if call.id == e.call and call.result is None), None)
        if call is None:
            raise IllegalEvent(f"event {e.seq}: {c.name} has called no tool {e.call!r}")
        call.result, call.failed, call.ended = e.result, e.failed, e.at
        call.arguments = e.arguments or call.arguments

    def _sent_to_repair(self, take: TakeState, e: ev.SentToRepair) -> None:
        c = self._in_the_air(take, e)
        c.turns.append(TurnState(e.at or 0, c.streamed, say=e.say))
        c.chunks.clear()

    def _judged(self, take: TakeState, e: ev.Judged) -> None:
        c = take.contributions.get(e.c)
        if c is None:
            raise IllegalEvent(f"event {e.seq}: {take.id} has no contribution {e.c}")
        c.verdicts.append(Verdict(e.about, e.predicate, e.ok, e.why, e.criterion, e.digest, e.source))

    def _played(self, take: TakeState, e: ev.Played) -> None:
        c = self._move(take, e, "played")
        if c.origin is not None:  # nobody played it: it was given again
            _count(take, c, -1)
            c.status = "reused"
            _count(take, c, 1)
        c.version, c.finish = e.version, e.finish
        self._write(c.entry, e.version, c.streamed)

    def _reused(self, take: TakeState, e: ev.Reused) -> None:
        c = self._move(take, e, "reused")
        c.entered = e.at
        c.digest, c.player, c.reads, c.messages = e.digest, e.player, e.reads, e.messages
        c.of_take, c.of_c, c.version, c.kept = e.of_take, e.of_c, e.version, e.kept
        c.answers_for = e.answers
        if e.version not in self.entries.get(c.entry, ()):
            raise IllegalEvent(f"event {e.seq}: there is no version {e.version} of {c.entry}")

    def _held(self, take: TakeState, e: ev.ContributionHeld) -> None:
        c = self._move(take, e, "held")
        c.why, c.asks, c.call = e.why, e.asks, e.call

    def _released(self, take: TakeState, e: ev.Released) -> None:
        c = self._move(take, e, "played" if e.version else "playing")
        c.why = c.asks = c.call = ""
        c.how = e.how
        if not e.version:
            return
        c.version, c.why = e.version, e.how
        if e.version not in self.entries.get(c.entry, ()):
            self._write(c.entry, e.version, c.streamed)

    def _failed(self, take: TakeState, e: ev.Failed) -> None:
        c = self._move(take, e, "failed")
        c.why, c.message, c.detail = e.reason, e.message, e.detail

    def _cut(self, take: TakeState, e: ev.Cut) -> None:
        self._move(take, e, "cut").why = e.by

    def _muted(self, take: TakeState, e: ev.Muted) -> None:
        self._move(take, e, "muted")

    def _skipped(self, take: TakeState, e: ev.Skipped) -> None:
        self._move(take, e, "skipped").why = e.why

    def _blocked(self, take: TakeState, e: ev.Blocked) -> None:
        self._move(take, e, "blocked").why = e.by

    def _flagged(self, take: TakeState, e: ev.Flagged) -> None:
        contribution = take.contributions.get(e.c)
        if contribution is None:
            raise IllegalEvent(f"event {e.seq}: {take.id} has no contribution {e.c}")
        contribution.flags.append(FlagState(e.flag, e.at or 0, e.evidence))


def _count(take: TakeState, c: ContributionState, one: int) -> None:
    """Count a contribution in or out of the tally of its part, if it is the one that stands."""
    if take.newest.get(c.part, {}).get(-1 if c.item is None else c.item) != c.c:
        return
    tally = take.tally.setdefault(c.part, {})
    tally[c.status] = tally.get(c.status, 0) + one
    if not tally[c.status]:
        del tally[c.status]
    if c.status == "waiting":
        waiting = take.waiting.setdefault(c.part, {})
        if one > 0:
            waiting[c.c] = None
        else:
            waiting.pop(c.c, None)


_HANDLERS: dict[type, Any] = {
    ev.EntryWritten: ScoreState._entry_written,
    ev.Composed: ScoreState._composed,
    ev.Orchestrated: ScoreState._orchestrated,
    ev.Noted: ScoreState._noted,
    ev.NoteDropped: ScoreState._note_dropped,
    ev.Contributed: ScoreState._contributed,
    ev.TakeStarted: ScoreState._take_started,
    ev.TakeNamed: ScoreState._take_named,
    ev.Paused: ScoreState._paused,
    ev.Resumed: ScoreState._resumed,
    ev.TakeHeld: ScoreState._take_held,
    ev.TempoSet: ScoreState._tempo,
    ev.Beat: ScoreState._beat,
    ev.PlanChanged: ScoreState._plan_changed,
    ev.SectionOpened: ScoreState._section_opened,
    ev.TakeEnded: ScoreState._take_ended,
    ev.Waiting: ScoreState._waiting,
    ev.CuedIn: ScoreState._cued_in,
    ev.Entered: ScoreState._entered,
    ev.TextPlayed: ScoreState._text,
    ev.Printed: ScoreState._printed,
    ev.UsageReported: ScoreState._usage,
    ev.Retried: ScoreState._retried,
    ev.ToolsCalled: ScoreState._tools_called,
    ev.ToolReturned: ScoreState._tool_returned,
    ev.SentToRepair: ScoreState._sent_to_repair,
    ev.Judged: ScoreState._judged,
    ev.Played: ScoreState._played,
    ev.Reused: ScoreState._reused,
    ev.ContributionHeld: ScoreState._held,
    ev.Released: ScoreState._released,
    ev.Failed: ScoreState._failed,
    ev.Cut: ScoreState._cut,
    ev.Muted: ScoreState._muted,
    ev.Skipped: ScoreState._skipped,
    ev.Blocked: ScoreState._blocked,
    ev.Flagged: ScoreState._flagged,
}


_OF_THE_SCORE = frozenset({ev.EntryWritten, ev.Composed, ev.Orchestrated})
"""Events that belong to no take; all others belong to one."""
_NOTES = frozenset({ev.Noted, ev.NoteDropped, ev.Contributed})
"""But for these: sent between takes they belong to none."""


def fold(events: Iterable[ev.Event], into: ScoreState | None = None) -> ScoreState:
    """The state that events amount to, from nothing or going on from a state (which is changed)."""
    state = ScoreState() if into is None else into
    for event in events:
        state.apply(event)
    return state


def outline(state: ScoreState) -> dict[str, Any]:
    """What any fold of the same events must agree on, as JSON: takes, and their contributions.

    The TypeScript fold computes the same from the same fixtures.
    """
    return {
        "seq": state.seq,
        "head": state.head,
        "labels": dict(state.labels),
        "entries": {name: max(texts) for name, texts in state.entries.items()},
        "notes": [[note.note, note.to, note.version, note.at] for note in state.sent],
        "takes": [
            {
                "id": take.id,
                "parent": take.parent,
                "status": take.status,
                "at": take.at,
                "parts": list(take.plan.names),
                "lead": take.tempo.lead,
                "sections": {name: len(section.items) for name, section in take.sections.items()},
                "contributions": [
                    {
                        "c": c.c,
                        "part": c.part,
                        "item": c.item,
                        "lap": c.lap,
                        "status": c.status,
                        "entered": c.entered,
                        "ended": c.ended,
                        "text": state.text_of(take.id, c),
                        "tries": len(c.tries),
                        "tokens": [c.tokens_in, c.tokens_out],
                        "reads": [[r.entry, r.version] for r in c.reads],
                        "flags": [f.flag for f in c.flags],
                        "why": c.why,
                        "asks": c.asks,
                        "turns": [[turn.text, [[t.name, t.result] for t in turn.calls]] for turn in c.turns],
                        "verdicts": [[v.about, v.predicate, v.ok] for v in c.verdicts],
                        "scripted": bool(c.player and c.player.scripted),
                        "origin": c.origin and [c.origin.recording, c.origin.take, c.origin.c],
                    }
                    for c in take.contributions.values()
                ],
            }
            for take in state.takes.values()
        ],
    }
