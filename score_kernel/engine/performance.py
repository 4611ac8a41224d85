"""One take as it plays.

`step` lets happen what is due (`course`); it is called whenever something changed. Each playing
contribution is one task (`turns`), whose text gathers in a buffer until the conductor's next tick. A
task that was cut keeps its slot until it has really ended. What the conductor asks for meanwhile is
in `cueing`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from ..errors import PermanentError
from ..score import events as ev
from ..score.cues import Release
from ..score.ports import Output, Usage
from ..score.recording import Pace
from ..score.state import IN_THE_AIR
from .course import Asked, Course
from .foresee import missing
from .limits import Stopwatch
from .schedule import longest_path
from .turns import Playing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

    from ..score.known import Answer, Known
    from ..score.nearest import Near
    from ..score.plan import Part
    from ..score.ports import Clock
    from ..score.reading import Reading
    from ..score.state import ContributionState, TakeState
    from .cast import Cast
    from .conductor import Conductor
    from .wish import Wish

REQUESTING = frozenset({"model", "script"})
"""Players whose turns count as requests: models, and the scripts that stand in for them."""


class Performance(Course):
    """The take `take` of `conductor`'s score, as it plays."""

    def __init__(self, conductor: Conductor, take: TakeState, cast: Cast, wish: Wish, known: Known) -> None:
        self.conductor = self._conductor = conductor
        self.clock: Clock = conductor.clock
        self._time = Stopwatch(self.clock)
        """The take's own time: it stands while nothing can happen but by the conductor."""
        self._tempo_time = Stopwatch(self.clock)
        """The time that a deadline counts: it stands while the take is paused or held."""
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._judging: set[asyncio.Task[None]] = set()
        self._text: dict[int, list[str]] = {}
        self._answers: dict[int, asyncio.Future[Release]] = {}
        self._waiting_for_room: int = 0
        self._shares: dict[int, float] = {}
        """By contribution, when its share of the time is over (seconds of the tempo's time)."""
        self._alarm: asyncio.Task[None] | None = None
        self._due_at: int | None = None
        self._changed = asyncio.Event()
        self._stepping = self._stepping_soon = False
        super().__init__(conductor.state, take, cast, wish, known)

    # What the course asks for -------------------------------------------------------------------

    def emit(self, event: ev.Event) -> None:
        """Let this have happened in the take, now."""
        self._conductor.append([event], self.take.id, self.at())

    def write(self, texts: Mapping[str, str]) -> dict[str, int]:
        """Make these the newest texts of their entries. Gives their versions."""
        return self._conductor.write(texts)

    def send(self, to: str, text: str) -> None:
        """Send a note in this take."""
        self._conductor.send([(self._conductor.note_name(to, text), to, text)], self.take.id, self.at())

    def at(self) -> int:
        """Milliseconds since the take began, never less than what the log already says."""
        return max(self.take.at, round(self._time.now() * 1000))

    def wake_at(self, at: int) -> None:
        """Something is due at that time (ms)."""
        self._due_at = at if self._due_at is None else min(self._due_at, at)

    def told(self, part: Part, c: ContributionState) -> str:
        """What a part is told beside the score: who it can let in, or what time it has."""
        if self.take.tempo.lead != "clock":
            return super().told(part, c)
        share = self._share(part)
        return (
            "" if share is None else f"# Time\n\nYou have about {max(1, round(share))} seconds for your part."
        )

    # Steps ----------------------------------------------------------------------------------------

    def step(self) -> None:
        """Let happen what is due now."""
        if self._stepping or self.take.over:
            return
        self._stepping = True
        try:
            with self._conductor.batch():
                self._due_at = None
                self._end_shares()
                more = self.advance()
                if not more:
                    self._come_to_rest()
        finally:
            self._stepping = False
        if more:
            self.soon()
        else:
            self._set_alarm()

    def soon(self) -> None:
        """Step as soon as the loop gets to it, once for all that happens until then."""
        if not self._stepping_soon:
            self._stepping_soon = True
            asyncio.get_running_loop().call_soon(self._step_soon)

    def _step_soon(self) -> None:
        self._stepping_soon = False
        self.step()

    def _come_to_rest(self) -> None:
        """End the take, or hold it, where nothing moves by itself any more."""
        self._changed.set()
        self._changed = asyncio.Event()
        take = self.take
        if take.status == "paused" and not self._plays:
            self._time.run(False)
        if take.status != "playing":
            return
        if self.at_rest:
            failed = any("failed" in tally for name, tally in take.tally.items() if name in take.plan)
            self._end("failed" if failed else "finished", "")
            return
        if self._moving:
            return
        self.emit(ev.TakeHeld(waits_for="; ".join([*self.waits_for(), *self._spent()]) or "the conductor"))
        self.stand_still()
        self._conductor.tell()

    @property
    def _plays(self) -> bool:
        """Whether anything is in the air and does not wait for the conductor."""
        return any(self.take.contributions[c].status == "playing" for c in self._tasks)

    @property
    def _moving(self) -> bool:
        """Whether something will happen by itself."""
        alive = any(c not in self._answers or self._answers[c].done() for c in self._tasks)
        return alive or bool(self._judging) or self._due_at is not None or self._stepping_soon

    def run_clocks(self) -> None:
        """The take goes on."""
        self._time.run(True)
        self._tempo_time.run(True)

    def stand_still(self) -> None:
        """The take is paused or held: a deadline waits. Its own time runs on while anything is in the air."""
        self._tempo_time.run(False)
        if not self._plays:
            self._time.run(False)
        self._set_alarm()

    def tempo_changed(self) -> None:
        """What was spent may not be any more, and what had a share of the time may have none."""
        self._must_play.clear()
        if self.take.tempo.lead != "clock":
            self._shares.clear()
        if not self._too_dear():
            for n, answer in list(self._answers.items()):
                if self.take.contributions[n].asks == "budget" and not answer.done():
                    answer.set_result(Release(part=""))

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._due_at is None or self.take.status != "playing":
            return
        wait = max(0.0, self._due_at / 1000 - self._time.now())

        async def ring() -> None:
            await self.clock.sleep(wait)
            self._alarm = None
            self.step()

        self._alarm = asyncio.create_task(ring(), name=f"{self.take.id}: alarm")

    # Room -----------------------------------------------------------------------------------------

    def room(self, part: Part) -> bool:
        """Whether one more of this part can play now: there is a slot, and tempo allows for a request."""
        kind = self.cast.players[part.name].ref.kind
        if self._over() or (kind in REQUESTING and self._too_dear()):
            return False
        if kind == "human":  # it waits for the conductor, and so needs no slot
            return True
        return self._slot_free() and (kind not in REQUESTING or self._may_request())

    def _slot_free(self) -> bool:
        at_once = self.take.tempo.at_once
        return at_once is None or self._slots_taken() + self._waiting_for_room < at_once

    def _slots_taken(self) -> int:
        """How many play, or were cut and have not let go yet."""
        return sum(self.take.contributions[c].status != "held" for c in self._tasks)

    def _may_request(self) -> bool:
        wait = self._conductor.requests.wait(self.take.tempo.rate, self.clock.now())
        if wait > 0:
            self.wake_at(self.at() + 1 + round(wait * 1000))
        return wait <= 0

    def _time_left(self) -> float | None:
        """Seconds until the deadline, or `None`."""
        deadline = self.take.tempo.deadline
        return None if deadline is None else deadline - self._tempo_time.now()

    def _over(self) -> bool:
        left = self._time_left()
        return left is not None and left <= 0

    def _too_dear(self) -> bool:
        tempo, every = self.take.tempo, self.take.contributions.values()
        if tempo.budget is not None and sum(c.cost or 0.0 for c in every) >= tempo.budget:
            return True
        return tempo.tokens is not None and sum(c.tokens_in + c.tokens_out for c in every) >= tempo.tokens

    def _spent(self) -> list[str]:
        """What is spent, a line each, with what to do."""
        tempo, every = self.take.tempo, self.take.contributions.values()
        lines: list[str] = []
        if self._over():
            lines.append(f"the deadline of {tempo.deadline:g} s is over: %cue tempo --deadline SECONDS")
        if self._too_dear():
            cost = sum(c.cost or 0.0 for c in every)
            used = sum(c.tokens_in + c.tokens_out for c in every)
            if tempo.budget is not None and cost >= tempo.budget:
                lines.append(
                    f"the budget of ${tempo.budget:g} is spent (${cost:.4g}): %cue tempo --budget USD"
                )
            else:
                lines.append(
                    f"the budget of {tempo.tokens:,} tokens is spent ({used:,}): %cue tempo --budget N"
                )
        return lines

    async def request(self, c: ContributionState, part: Part) -> None:
        """Wait until a contribution that plays may make one more request; then it is counted."""
        if self.cast.players[part.name].ref.kind not in REQUESTING:
            return
        while self._too_dear():
            self.emit(ev.ContributionHeld(c=c.c, why=f"goes on when {self._spent()[-1]}", asks="budget"))
            answer: asyncio.Future[Release] = asyncio.get_running_loop().create_future()
            self._answers[c.c] = answer
            self.soon()
            try:
                released = await answer
            finally:
                self._answers.pop(c.c, None)
            await self._slot()
            self.emit(ev.Released(c=c.c, how="approved"))
            if released.part:  # the conductor let this one request be made
                break
        while (wait := self._conductor.requests.wait(self.take.tempo.rate, self.clock.now())) > 0:
            await self.clock.sleep(min(wait, 1.0))
        self._conductor.requests.made(self.clock.now())

    async def _slot(self) -> None:
        """Wait for a slot, for what goes on after the conductor has answered."""
        self._waiting_for_room += 1
        try:
            while (at_once := self.take.tempo.at_once) is not None and self._slots_taken() >= at_once:
                await self._changed.wait()
        finally:
            self._waiting_for_room -= 1

    # Playing ----------------------------------------------------------------------------------------

    def play(self, c: ContributionState, part: Part, reading: Reading) -> None:
        """Let it play. It has a slot."""
        player = self.cast.players[part.name]
        self._entered(c, player.ref, reading)
        self.flag_dropped(c, part)
        if player.ref.kind == "human":
            why = f"your contribution: %%play {c.name}"
            self.emit(ev.ContributionHeld(c=c.c, why=why, asks="contribution"))
            return
        if player.ref.kind in REQUESTING:
            self._conductor.requests.made(self.clock.now())
        if self.take.tempo.lead == "clock" and (share := self._share(part)) is not None:
            self._shares[c.c] = self._tempo_time.now() + share
            self.wake_at(self.at() + max(1, round(share * 1000)))
        self._begin(c, Playing(self, c, part, player, reading).perform())

    def _share(self, part: Part) -> float | None:
        left = self._time_left()
        return None if left is None else max(0.0, left) / longest_path(self.take, part.name)

    def _end_shares(self) -> None:
        """End with what it has whatever has played through its share of the time."""
        now = self._tempo_time.now()
        for n, over in list(self._shares.items()):
            c = self.take.contributions[n]
            if c.status != "playing":
                del self._shares[n]
            elif over <= now + 1e-6:
                del self._shares[n]
                self.flush()
                self.flag(
                    c, "incomplete", ev.Evidence("its share of the time was over: it is what it had by then")
                )
                self.emit(ev.Played(c=n, version=self.state.version_of(c.entry, c.streamed), finish="clock"))
                self.after_playing(c)
                self.let_go(c, step=False)
            else:
                self.wake_at(self.at() + max(1, round((over - now) * 1000)))

    def _begin(self, c: ContributionState, playing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(playing, name=f"{self.take.id}:{c.name}")
        self._tasks[c.c] = task
        task.add_done_callback(lambda _: self._ended(c))

    def let_go(self, c: ContributionState, *, step: bool = True) -> None:
        """Cancel the task of a contribution that has ended."""
        if c.c in self._tasks:
            self._tasks[c.c].cancel()
        if step:
            self.soon()

    def _ended(self, c: ContributionState) -> None:
        task = self._tasks.pop(c.c)
        self._answers.pop(c.c, None)
        error = None if task.cancelled() else task.exception()
        if c.status == "playing":  # its end was never told, and must not be waited for
            self.flush()
            message = f"it was {error!r}" if error else "it was cancelled from within"
            self.emit(ev.Failed(c=c.c, reason="error", message=message))
        if not self.take.over:
            self.soon()

    def missed(
        self, c: ContributionState, part: Part, reading: Reading, near: Near | None, *, asked: bool
    ) -> None:
        """Offline it cannot be played."""
        self._entered(c, self.cast.players[part.name].ref, reading)
        self.emit(ev.Failed(c=c.c, reason="offline", message=missing(c.name, near, asked=asked)))

    def give_again(
        self, c: ContributionState, part: Part, reading: Reading, answer: Answer, near: Near | None = None
    ) -> None:
        """Give again, at its own pace, what was recorded for this reading, or for another one (`near`)."""
        source = self.known.contribution(answer)
        origin = ev.Origin(answer.recording, answer.take, answer.c, near.text if near else "")
        pace = self._pace(answer)
        self._entered(c, source.player or self.cast.players[part.name].ref, reading, origin)
        if near is not None:
            self.flag(c, "stale", near.evidence)
        if part.name == self.take.tempo.lead:
            calls = [
                (call.name, call.arguments) for turn in source.turns for call in turn.calls if not call.failed
            ]
        else:
            calls = []
        self._begin(c, self._repeat(c, part, reading, pace, source.finish, calls))

    def _pace(self, answer: Answer) -> Pace:
        if answer.recording:
            return self.known.recording(answer.recording).pace(answer.take, answer.c)
        return Pace(((0, self.known.text(answer)),), 0)

    async def _repeat(
        self,
        c: ContributionState,
        part: Part,
        reading: Reading,
        pace: Pace,
        finish: str,
        calls: list[tuple[str, str]],
    ) -> None:
        began = self.clock.now()
        for at, text in (*pace.pieces, (pace.lasts, "")):
            if (wait := began + at / 1000 - self.clock.now()) > 0:
                await self.clock.sleep(wait)
            self.hear(c.c, text)
        self.flush()
        asked = self.asked(part)
        verdicts = self._known_verdicts(c, asked, reading.digest, c.streamed)
        if verdicts is None:
            verdicts = await self._said(c, asked, self.subject(c, reading, c.streamed), reading.digest)
        if c.status != "playing":
            return
        self._tell(verdicts)
        self.flag_verdicts(c, verdicts)
        self.flag_dropped(c, part)
        self._lead_again(calls, part.name)
        self.played(c, finish)

    # The end of a contribution ------------------------------------------------------------------------

    async def conclude(self, c: ContributionState, part: Part, reading: Reading, finish: str) -> None:
        """What was played is complete: ask about it, and let it count, or wait for the conductor."""
        verdicts = await self._said(c, self.asked(part), self.subject(c, reading, c.streamed), reading.digest)
        if c.status != "playing":
            return
        self._tell(verdicts)
        reasons = self.flag_verdicts(c, verdicts)
        reasons += [f.evidence.text for f in c.flags if f.flag in ("dropped", "incomplete")]
        on_flag = self.take.plan.on_flag_of(part)
        if part.hold or (reasons and on_flag == "hold"):
            why = "; ".join(reasons) if reasons else "it is complete"
            self.emit(ev.ContributionHeld(c=c.c, why=f"{why}: %cue release {c.name}", asks="hold"))
            return
        self.played(c, finish)
        if reasons and on_flag == "retake":
            self.retake(c, reasons)

    def played(self, c: ContributionState, finish: str) -> None:
        """It was played to its end: what read an older text is stale, and a note that came late counts."""
        if c.status != "playing":  # it was cut while it came to its end
            return
        self.flush()
        self.emit(ev.Played(c=c.c, version=self.state.version_of(c.entry, c.streamed), finish=finish))
        self.after_playing(c)

    def after_playing(self, c: ContributionState) -> None:
        """It counts from now on."""
        self.flag_readers(c)
        if self._unread(c):
            self.wait_again(c)

    def _unread(self, c: ContributionState) -> bool:
        """Whether a note to this part came after it entered."""
        standing = self.state.notes(self.take.id, self.state.seq)
        return any(
            note.to in ("all", c.part, c.name) and note.read not in c.reads for note in standing.values()
        )

    # Predicates -----------------------------------------------------------------------------------------

    def judge(
        self,
        c: ContributionState,
        asked: tuple[Asked, ...],
        subject: object,
        digest: str,
        then: Callable[[list[ev.Judged]], None],
    ) -> None:
        """Ask predicates about a contribution that waits, and go on with what they said."""

        async def ask() -> None:
            try:
                verdicts = await self._said(c, asked, subject, digest)
            except PermanentError as error:
                # else it is asked again, as its turn comes again
                if c.status == "waiting" and self.take.status == "playing" and self.its_turn(c):
                    self.fail_at_once(c, self._parts[c.part], error.reason, str(error))
                return
            finally:
                self._busy.discard(c.c)
            if c.status == "waiting" and not self.take.over:
                then(verdicts)

        self._busy.add(c.c)
        task = asyncio.create_task(ask(), name=f"{self.take.id}:{c.name}: asked")
        self._judging.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._judging.discard(task)
            if not self.take.over:
                self.soon()

        task.add_done_callback(done)

    async def _said(
        self, c: ContributionState, asked: Iterable[Asked], subject: object, digest: str
    ) -> list[ev.Judged]:
        """What predicates say. A check that raises says no; another that raises fails its part."""
        found: list[ev.Judged] = []
        for one in asked:
            predicate, source = self.cast.predicates[one.name]
            try:
                ok, why = await predicate(subject)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                said = f"it raised {type(error).__name__}: {error}"
                if one.about != "check":
                    raise PermanentError(f"{one.name}: {said}", "predicate") from error
                ok, why = False, said
            found.append(
                ev.Judged(
                    c=c.c,
                    about=one.about,  # pyright: ignore[reportArgumentType]
                    predicate=one.name,
                    ok=ok,
                    why=why,
                    criterion=one.criterion,
                    digest=digest,
                    source=source,
                )
            )
        return found

    # Questions --------------------------------------------------------------------------------------------

    async def ask(
        self, c: ContributionState, call: ev.Call, stand: Callable[[], None], run: Callable[[], None]
    ) -> Release:
        """Hold a contribution until the conductor has answered whether a tool may be called."""
        self.flush()
        why = f"it asks for {call.name}({call.arguments}): %cue release {c.name}"
        self.emit(ev.ContributionHeld(c=c.c, why=why, asks="tool", call=call.id))
        answer: asyncio.Future[Release] = asyncio.get_running_loop().create_future()
        self._answers[c.c] = answer
        stand()
        self.soon()
        try:
            released = await answer
        finally:
            self._answers.pop(c.c, None)
        await self._slot()
        if c.status == "held":
            how = "refused" if released.no else "sent back" if released.back is not None else "approved"
            self.emit(ev.Released(c=c.c, how=how if released.edit is None else "edited"))
        run()
        return released

    def answer(self, c: ContributionState, release: Release) -> bool:
        """Answer a contribution whose task waits for the conductor. Whether one did."""
        answer = self._answers.get(c.c)
        if answer is None or answer.done():
            return False
        answer.set_result(release)
        return True

    # Sounds -----------------------------------------------------------------------------------------------

    def hear(self, c: int, text: str) -> None:
        """More text came."""
        if text:
            self._text.setdefault(c, []).append(text)
            self._conductor.wake()

    def note_sound(self, c: int, sound: Usage | Output) -> None:
        """Something else came."""
        if self.take.contributions[c].status not in IN_THE_AIR:
            return
        self.flush()
        if isinstance(sound, Usage):
            self.emit(
                ev.UsageReported(
                    c=c,
                    tokens_in=sound.tokens_in,
                    tokens_out=sound.tokens_out,
                    cost=sound.cost,
                    estimated=sound.estimated,
                    model=sound.model,
                )
            )
        else:
            self.emit(ev.Printed(c=c, text=sound.printed))

    def flush(self) -> None:
        """Put the text that came since onto the log."""
        text, self._text = self._text, {}
        playing = [
            ev.TextPlayed(c=c, text="".join(pieces))
            for c, pieces in text.items()
            if self.take.contributions[c].status in IN_THE_AIR
        ]
        if playing:
            self._conductor.append_text(playing, self.take.id, self.at())

    # Cutting and ending -------------------------------------------------------------------------------------

    def cut(self, playing: Iterable[ContributionState], by: str) -> list[ContributionState]:
        """End what plays before its end."""
        self.flush()
        found = [c for c in playing if c.status in IN_THE_AIR]
        for c in found:
            self.emit(ev.Cut(c=c.c, by=by))
            if c.c in self._tasks:
                self._tasks[c.c].cancel()
        return found

    def stop(self, why: str) -> None:
        """End the take here; what plays is cut."""
        self.cut(self.take.contributions.values(), "stop")
        self._end("stopped", why)

    def _end(self, status: Literal["finished", "failed", "stopped"], why: str) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        for task in self._judging:
            task.cancel()
        self._flag_unread()
        self.emit(ev.TakeEnded(status=status, why=why))
        self._conductor.tell()
        self._conductor.save_snapshot()

    def _flag_unread(self) -> None:
        """Flag whose notes of this take nobody read."""
        sent = [
            note
            for note in self.state.notes(self.take.id, self.state.seq).values()
            if note.of == self.take.id and note.seq >= self.take.first_seq
        ]
        for note in sent:
            to = [c for c in self.take.standing() if note.to in ("all", c.part, c.name)]
            for c in to:
                if note.read not in c.reads and c.status != "skipped":
                    evidence = ev.Evidence(
                        f"note {note.note} was never delivered", note.read.entry, 0, note.version
                    )
                    self.flag(c, "note-unread", evidence)

    # The plan changes -------------------------------------------------------------------------------

    def replan(self, cast: Cast) -> None:
        """Go on with the plan of the take as it is now; `cast` plays it. What changed plays again."""
        before = self._parts
        old = {name: self.cast.kit(part) for name, part in before.items()}
        players = {name: dict(player.identity) for name, player in self.cast.players.items()}
        self.cast = cast
        self.adopt()
        for name in before.keys() - self._parts.keys():
            self._leave(name)
        for name, part in self._parts.items():
            if name not in before:
                self._come(name, part)
                continue
            same = (
                part == before[name]
                and cast.kit(part) == old[name]
                and dict(cast.players[name].identity) == players[name]
            )
            if not same:
                self._change(name, before[name], part)
        self.step()

    def _leave(self, name: str) -> None:
        for c in self.take.voices(name):
            if c.status == "waiting":
                self.emit(ev.Cut(c=c.c, by="plan"))
            else:
                self.cut([c], "plan")

    def _come(self, name: str, part: Part) -> None:
        """Let a part wait for its turn. It may have been in the plan before, with other items."""
        if part.each is None or part.source:
            self.wait(name)
        else:
            self._open(part, self.cast.items[name])

    def _change(self, name: str, was: Part, part: Part) -> None:
        if (was.each, was.source) != (part.each, part.source):
            self._leave(name)
            self._come(name, part)
            return
        for c in self.take.voices(name):
            self.cut([c], "plan")
            if c.status != "waiting":
                self.wait_again(c)
