"""What must hold of every event that a performance writes, checked as it is written.

The audit folds the events itself, and knows nothing of how the engine decides: only what a part may
never do. It gathers what is wrong, as a log must not raise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from score_kernel.score import events as ev
from score_kernel.score.state import ANSWERED, OPEN, ScoreState
from score_kernel.store.memory import MemoryLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from score_kernel.score.plan import Part
    from score_kernel.score.state import ContributionState, TakeState

    from .doubles import Stage

PAYS = ("model", "script")


class AuditedLog(MemoryLog):
    """A log that looks at what is written."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.state = ScoreState()
        """The fold of what was written, event by event."""
        self.wrong: list[str] = []
        self.ended: dict[str, bytes] = {}
        """The takes that are over, as they ended."""
        self._stage = stage
        self._tries: dict[tuple[str, int], int] = {}
        """How often the present turn of a contribution was tried again."""
        self._entering: tuple[int, list[str]] | None = None
        """The contribution that has just entered, and what is wrong if it plays."""
        self._played = 0.0
        """Seconds that the present take has played."""
        self._looked = stage.clock.now()

    def append(self, events: Sequence[ev.Event]) -> None:
        super().append(events)
        for event in events:
            take = self.state.takes.get(event.take or "")
            self._pass_time(take)
            if take is not None:
                self._look(take, event)
            try:
                self.state.apply(event)
            except Exception as error:
                self.wrong.append(f"the fold refuses event {event.seq}: {error}")
            self._note(event)

    def settled(self) -> list[str]:
        """What was found wrong by now."""
        if self._entering is not None:
            self.wrong += self._entering[1]
            self._entering = None
        self._pass_time(self.state.takes.get(self.state.head or ""))
        changed = [take for take, was in self.ended.items() if _packed(self.state.takes[take]) != was]
        return [*self.wrong, *self._stage.began, *(f"{take} has changed after its end" for take in changed)]

    def _pass_time(self, take: TakeState | None) -> None:
        now = self._stage.clock.now()
        if take is not None and take.status == "playing":
            self._played += now - self._looked
        self._looked = now

    def _note(self, event: ev.Event) -> None:
        match event:
            case ev.TakeStarted():
                self._played, self._stage.take = 0.0, event.take or ""
                self._stage.rate = event.tempo.rate
            case ev.TempoSet():
                self._stage.rate = event.tempo.rate
            case ev.TakeEnded():
                assert event.take is not None
                self.ended[event.take] = _packed(self.state.takes[event.take])
            case _:
                pass

    def _look(self, take: TakeState, event: ev.Event) -> None:
        entering, self._entering = self._entering, None
        if entering is not None and not (isinstance(event, ev.Failed) and event.c == entering[0]):
            self.wrong += entering[1]  # else it failed as it entered, and so never played
        match event:
            case ev.Entered():
                c = take.contributions[event.c]
                self._enters(take, c, event)
                by_hand = event.player == ev.PlayerRef("human", "conductor")
                self._entering = event.c, [] if by_hand else self._out_of_tempo(take, c, event)
            case ev.Reused():
                if not event.kept:
                    self._enters(take, take.contributions[event.c], event)
            case ev.Released() if not event.version:
                self._slot(take, take.contributions[event.c].name, self.wrong)
            case ev.Retried():
                c, key = take.contributions[event.c], (take.id, event.c)
                self._tries[key] = self._tries.get(key, 0) + 1
                if self._tries[key] > take.plan[c.part].retries:
                    self.wrong.append(f"event {event.seq}: {c.name} is tried again, {self._tries[key]} times")
            case ev.ToolsCalled() | ev.SentToRepair():
                self._tries.pop((take.id, event.c), None)
            case ev.TakeEnded():
                self._notes(take)
                if event.status != "stopped":
                    self._all_is_told(take, event)
            case _:
                pass

    # Entering -------------------------------------------------------------------------------------

    def _enters(self, take: TakeState, c: ContributionState, event: ev.Entered | ev.Reused) -> None:
        """A part enters only as its inputs have been played, skipped or muted, and reads them as they are."""
        what = f"event {event.seq}: {c.name} enters"
        if take.status != "playing":
            self.wrong.append(f"{what} and {take.id} is {take.status}")
        part = take.plan.get(c.part)
        if part is None:
            self.wrong.append(f"{what} and is not in the plan")
            return
        for name in part.waits:
            voices = take.voices(name)
            statuses = {voice.status for voice in voices}
            if statuses & OPEN or (not voices and name not in take.sections):
                self.wrong.append(f"{what} before {name} has settled: {sorted(statuses)}")
            if statuses and not statuses & ANSWERED and statuses & {"failed", "cut", "blocked"}:
                self.wrong.append(f"{what} though {name} is {sorted(statuses)}")
            if part.reads is None and name in part.after:
                for voice in voices:
                    if voice.version and ev.Read(voice.entry, voice.version) not in event.reads:
                        self.wrong.append(f"{what} and does not read {voice.name} as it stands")
        self._beyond_loops(take, part, what)

    def _beyond_loops(self, take: TakeState, part: Part, what: str) -> None:
        for end, names in take.plan.loops().items():
            if part.name in names or not set(names) & set(part.waits):
                continue
            repeat = take.plan[end].repeat
            voices = take.voices(end)
            lap = max((voice.lap for voice in voices), default=1)
            if repeat is None or lap >= repeat.at_most:
                continue
            verdicts = [v.verdict("until") for v in voices if v.status in ANSWERED]
            if any(verdict is not None and not verdict.ok for verdict in verdicts):
                self.wrong.append(f"{what} before the loop of {end} has ended")

    def _out_of_tempo(self, take: TakeState, c: ContributionState, event: ev.Entered) -> list[str]:
        """What is wrong with its entering now, if it plays."""
        tempo, part, wrong = take.tempo, take.plan.get(c.part), list[str]()
        what = f"event {event.seq}: {c.name} enters"
        if part is None:
            return wrong
        if not c.cued:
            if tempo.lead in take.plan and tempo.lead != part.name:
                wrong.append(f"{what}, and {tempo.lead} did not let it in")
            if event.origin is None and part.on_cue:
                wrong.append(f"{what} without its cue")
            if event.origin is None and tempo.lead == "conductor" and take.beats < 1:
                wrong.append(f"{what} without a beat")
        if tempo.deadline is not None and self._played > tempo.deadline + 0.002:
            wrong.append(f"{what} after the deadline of {tempo.deadline:g} s")
        if event.player.kind == "human":
            return wrong
        self._slot(take, c.name, wrong)
        every = take.contributions.values()
        if event.player.kind in PAYS:
            if tempo.tokens is not None and sum(o.tokens_in + o.tokens_out for o in every) >= tempo.tokens:
                wrong.append(f"{what} and the tokens are spent")
            if tempo.budget is not None and sum(o.cost or 0.0 for o in every) >= tempo.budget:
                wrong.append(f"{what} and the budget is spent")
        return wrong

    def _slot(self, take: TakeState, name: str, wrong: list[str]) -> None:
        playing = sum(c.status == "playing" for c in take.contributions.values())
        playing += self._stage.clinging.count(take.id)
        if take.tempo.at_once is not None and playing >= take.tempo.at_once:
            wrong.append(f"{name} plays beside {playing}, at_once {take.tempo.at_once}")

    # The end ----------------------------------------------------------------------------------------

    def _notes(self, take: TakeState) -> None:
        """Every note of the take was delivered, or is marked."""
        for note in self.state.notes(take.id, self.state.seq).values():
            if note.of != take.id or note.seq < take.first_seq:
                continue
            for c in take.standing():
                if note.to not in ("all", c.part, c.name) or c.status == "skipped":
                    continue
                marked = any(f.flag == "note-unread" and f.evidence.entry == note.read.entry for f in c.flags)
                if (note.read in c.reads) == marked:
                    self.wrong.append(f"note {note.note} to {c.name} ({c.status}): marked {marked}")

    def _all_is_told(self, take: TakeState, event: ev.TakeEnded) -> None:
        """A take that ended by itself has nothing open, and says whether anything failed."""
        standing = take.standing()
        still = [c.name for c in standing if c.status in OPEN]
        still += [f"{c.name} ({c.c})" for c in take.contributions.values() if c.status in OPEN]
        missing = [part.name for part in take.plan if part.name not in take.newest and not part.each]
        if still or missing:
            self.wrong.append(f"{take.id} has {event.status} with {still or missing} open")
        failed = any(c.status == "failed" for c in standing)
        if failed != (event.status == "failed"):
            self.wrong.append(f"{take.id} has {event.status}, and something failed: {failed}")


def _packed(take: TakeState) -> bytes:
    return msgspec.msgpack.encode(take)
