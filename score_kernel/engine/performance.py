"""One take as it plays.

`step` looks at what is due and does it; it is called whenever something changed. Each playing
contribution is one task, whose text gathers in a buffer until the conductor's next tick. A task
that was cut keeps its slot until it has really ended.
"""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any, Literal

from ..errors import PermanentError, PlayerError, TransientError, UsageError
from ..score import events as ev
from ..score.changes import changed
from ..score.known import Answer, last_in_lineage
from ..score.nearest import nearest
from ..score.ports import Finish, Output, Usage
from ..score.reading import Context, heard, hears, read_part
from ..score.recording import Pace
from ..score.state import ANSWERED, IN_THE_AIR, OPEN
from .foresee import missing, read_and_ask
from .schedule import due

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from ..score.cues import Note, Pause, Resume, Stop
    from ..score.events import PlayerRef
    from ..score.known import Known
    from ..score.nearest import Near
    from ..score.plan import Part
    from ..score.ports import Player, Sound
    from ..score.reading import Reading
    from ..score.state import ContributionState, TakeState
    from .conductor import Conductor
    from .foresee import Wish

BACKOFF = (0.5, 2.0, 8.0, 30.0)
"""Seconds before each further try, where the provider does not say."""

_AS_IT_IS = {
    "held": "waits for the conductor",
    "failed": "has failed",
    "blocked": "is blocked",
    "cut": "was cut",
    "muted": "is muted",
    "skipped": "is skipped",
}


class Performance:
    """The take `take` of `conductor`'s score, played by `players` (one for each part)."""

    def __init__(
        self,
        conductor: Conductor,
        take: TakeState,
        players: Mapping[str, Player],
        wish: Wish,
        known: Known,
    ) -> None:
        self.take = take
        self._conductor = conductor
        self._players = players
        self._wish = wish
        self._parts = {part.name: part for part in take.plan.parts}
        self._readers: dict[str, list[str]] = {}
        for part in take.plan.parts:
            for name in hears(part.after, part) if part.reads is None else hears(take.plan.names, part):
                self._readers.setdefault(name, []).append(part.name)
        self._anew = wish.asked_anew(take.plan)
        self._known = known
        self._began = conductor.clock.now()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._text: dict[int, list[str]] = {}
        self._unchecked: set[int] = set()
        self._context: Context | None = None
        self._shared: tuple[object, ...] = ()
        self._readings: dict[int, tuple[Reading, Answer | None]] = {}

    # What is due ------------------------------------------------------------------------------

    def step(self) -> None:
        """Let happen what is due now."""
        while True:
            now = due(self.take)
            if now.ended is not None:
                self._check_kept()
                self._end(now.ended, "")
                return
            moved = bool(now.blocked)
            for c, by in now.blocked:
                contribution = self.take.contributions[c]
                if self._wish.keeps(contribution.part):
                    self._keep(contribution, self.take.plan[contribution.part])
                else:
                    self._append(ev.Blocked(c=c, by=by))
            for c in now.ready:
                moved = self._enter(self.take.contributions[c]) or moved
            if not moved:
                break
        self._check_kept()

    def _slot_free(self) -> bool:
        at_once = self.take.tempo.at_once
        return at_once is None or len(self._tasks) < at_once

    def _enter(self, c: ContributionState) -> bool:
        """Let a contribution in: taken over if it is known, played if there is a slot. Whether it moved."""
        part = self._parts[c.part]
        before = self._before(c)
        if self._wish.keeps(part.name) and before is None:
            self._keep(c, part)
            return True
        slot = self._slot_free()
        fresh = part.name in self._anew or not part.reuse
        if fresh and not slot and before is None:
            return False
        reading, answer = self._reading(c, part, before)
        own = self._own(c, part, reading) if before is not None else None
        if own is not None:
            self._take_over(c, own, reading)
            return True
        if answer is not None and not fresh and (slot or not answer.recording):
            self._known.take_over(reading.digest)
            if answer.recording:
                self._give_again(c, part, reading, answer)
            else:
                self._take_over(c, answer, reading)
            return True
        if not slot:
            return False
        self._play(c, part, reading)
        return True

    def _before(self, c: ContributionState) -> ContributionState | None:
        """What the part of `c` played last before it in this take."""
        if c.c <= len(self._parts):  # a take begins with one contribution of each part
            return None
        return next((b for b in reversed(self.take.of(c.part)) if b.c < c.c), None)

    def _own(self, c: ContributionState, part: Part, reading: Reading) -> Answer | None:
        """What the part played in this take for the same reading: a note was dropped, or sent again."""
        if not part.reuse:
            return None
        earlier = (b for b in reversed(self.take.of(c.part)) if b.answers and b.digest == reading.digest)
        return next((Answer(self.take.id, b.c) for b in earlier), None)

    def _reading(
        self, c: ContributionState, part: Part, before: ContributionState | None = None
    ) -> tuple[Reading, Answer | None]:
        """What a part whose inputs have settled reads now, and what is known of it.

        Kept, as waiting for a slot asks often.
        """
        state = self._conductor.state
        shared = (state.composition(), len(state.sent))
        if self._context is None or shared != self._shared:
            self._shared, self._readings = shared, {}
            self._context = Context.of(state, self.take.id, state.seq)
        if c.c not in self._readings:
            context, inputs = self._context, heard(self.take, part)
            self._readings[c.c] = read_and_ask(
                self._known,
                self.take.plan,
                part,
                self._players[part.name],
                lambda identity: read_part(context, part, inputs, identity, before),
            )
        reading, _ = self._readings[c.c]
        return reading, self._known.answer(reading.digest)

    def _take_over(self, c: ContributionState, answer: Answer, reading: Reading) -> None:
        source = self._conductor.state.takes[answer.take].contributions[answer.c]
        self._append(
            ev.Reused(
                c=c.c,
                of_take=answer.take,
                of_c=answer.c,
                version=source.version,
                digest=reading.digest,
                player=source.player or self._players[c.part].ref,
                reads=tuple(read for read, _ in reading.reads),
                messages=reading.rendered,
            )
        )

    def _keep(self, c: ContributionState, part: Part) -> None:
        found = last_in_lineage(self._conductor.state, self.take.parent, self.take.parent_seq, part.name)
        if found is None:
            self._append(ev.Skipped(c=c.c, why="it has not played, and was not asked for"))
            return
        source_take, source = found
        self._append(
            ev.Reused(
                c=c.c,
                of_take=source_take,
                of_c=source.c,
                version=source.version,
                digest=source.digest,
                player=source.player or self._players[part.name].ref,
                reads=source.reads,
                messages=source.messages,
                kept=True,
            )
        )
        self._unchecked.add(c.c)

    def _check_kept(self) -> None:
        """Flag what was kept although it read something else, as soon as that can be told."""
        if not self._unchecked:
            return
        standing = self.take.standing()
        for c in [self.take.contributions[n] for n in sorted(self._unchecked)]:
            part = self.take.plan[c.part]
            if any(standing[name].status in OPEN for name in part.after if name in standing):
                continue
            self._unchecked.discard(c.c)
            reading, _ = self._reading(c, part)
            if reading.digest != c.digest:
                was = self._conductor.state.takes[c.of_take].plan.get(part.name)
                evidence = changed(c, was, part, self._players[part.name].ref, reading)
                self._append(ev.Flagged(c=c.c, flag="stale", evidence=evidence))

    # Playing ----------------------------------------------------------------------------------

    def _play(self, c: ContributionState, part: Part, reading: Reading) -> None:
        player = self._players[part.name]
        if self._wish.offline and player.ref.kind == "model":
            self._miss(c, part, player, reading)
            return
        self._entered(c, player.ref, reading)
        self._begin(c, self._perform(c, part, player, reading))

    def _entered(
        self, c: ContributionState, player: PlayerRef, reading: Reading, origin: ev.Origin | None = None
    ) -> None:
        self._append(
            ev.Entered(
                c=c.c,
                digest=reading.digest,
                player=player,
                reads=tuple(read for read, _ in reading.reads),
                messages=reading.rendered,
                origin=origin,
            )
        )

    def _begin(self, c: ContributionState, playing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(playing, name=f"{self.take.id}:{c.part}")
        self._tasks[c.c] = task
        task.add_done_callback(lambda _: self._let_go(c))

    def _miss(self, c: ContributionState, part: Part, player: Player, reading: Reading) -> None:
        """Offline, and the reading is not known: give the nearest if that was asked for, else fail."""
        asked = part.name in self._anew or not part.reuse
        near = nearest(self._known, part, player.ref, reading)
        if near is not None and self._wish.nearest and not asked:
            self._give_again(c, part, reading, near.answer, near)
            return
        self._entered(c, player.ref, reading)
        self._append(ev.Failed(c=c.c, reason="offline", message=missing(part.name, near, asked=asked)))

    def _give_again(
        self,
        c: ContributionState,
        part: Part,
        reading: Reading,
        answer: Answer,
        near: Near | None = None,
    ) -> None:
        """Give again, at its own pace, what was recorded for this reading, or for another one (`near`)."""
        source = self._known.contribution(answer)
        origin = ev.Origin(answer.recording, answer.take, answer.c, near.text if near else "")
        pace = self._pace(answer)
        self._entered(c, source.player or self._players[part.name].ref, reading, origin)
        if near is not None:
            self._append(ev.Flagged(c=c.c, flag="stale", evidence=near.evidence))
        self._begin(c, self._repeat(c, pace, source.finish))

    def _pace(self, answer: Answer) -> Pace:
        if answer.recording:
            return self._known.recording(answer.recording).pace(answer.take, answer.c)
        return Pace(((0, self._known.text(answer)),), 0)

    async def _repeat(self, c: ContributionState, pace: Pace, finish: str) -> None:
        clock = self._conductor.clock
        began = clock.now()
        for at, text in (*pace.pieces, (pace.lasts, "")):
            if (wait := began + at / 1000 - clock.now()) > 0:
                await clock.sleep(wait)
            self._hear(c.c, text)
        self._played(c, finish)

    def _played(self, c: ContributionState, finish: str) -> None:
        """It was played to its end: what read an older text is stale, and a note that came late counts."""
        if c.status != "playing":  # it was cut while it came to its end
            return
        self.flush()
        version = self._conductor.state.version_of(c.entry, c.streamed)
        self._append(ev.Played(c=c.c, version=version, finish=finish))
        self._flag_readers(c)
        if self._unread(c):
            self._wait_again(c)

    def _let_go(self, c: ContributionState) -> None:
        task = self._tasks.pop(c.c)
        if c.status == "playing":  # its end was never told, and must not be waited for
            error = None if task.cancelled() else task.exception()
            self.flush()
            self._append(
                ev.Failed(
                    c=c.c,
                    reason="error",
                    message=f"it was {error!r}" if error else "it was cancelled from within",
                )
            )
        if not self.take.over:
            self.step()

    async def _perform(self, c: ContributionState, part: Part, player: Player, reading: Reading) -> None:
        """Play to the end, trying again where that may help. Ends with `Played` or `Failed`."""
        finish, ending = "", None
        overrun = asyncio.get_running_loop().call_later(part.timeout, self._overrun, c, part)
        try:
            finish = await self._try(c, part, player, reading, overrun.when())
        except PlayerError as error:
            ending = error
        except Exception as error:
            line = f"{type(error).__name__}: {error}"
            ending = PlayerError(line, detail="".join(traceback.format_exception(error)))
        finally:
            overrun.cancel()
        if ending is None:
            self._played(c, finish)
            return
        if c.status != "playing":
            return
        self.flush()
        if ending.reason == "incomplete":
            evidence = ev.Evidence("the stream ended without the provider's word that it was done")
            self._append(ev.Flagged(c=c.c, flag="incomplete", evidence=evidence))
        self._append(ev.Failed(c=c.c, reason=ending.reason, message=str(ending), detail=ending.detail))

    def _overrun(self, c: ContributionState, part: Part) -> None:
        """End what takes too long: at once, though a sync function keeps its slot until it returns."""
        if c.status != "playing":
            return
        self.flush()
        self._append(
            ev.Failed(
                c=c.c,
                reason="timeout",
                message=f"it did not end within its timeout of {part.timeout:g} s",
            )
        )
        self._tasks[c.c].cancel()
        self.step()

    async def _try(
        self, c: ContributionState, part: Part, player: Player, reading: Reading, end: float
    ) -> str:
        """Try until it plays to its end. A wait beyond its `end` (of the loop's time) is not begun."""
        tries, now = 0, asyncio.get_running_loop().time
        while True:
            try:
                return await self._listen(c, part, player, reading)
            except TransientError as error:
                if tries >= part.retries:
                    raise
                wait = error.retry_after
                if wait is None:
                    wait = BACKOFF[min(tries, len(BACKOFF) - 1)]
                elif wait >= end - now():
                    raise PermanentError(
                        f"{error}; it asks to wait {wait:,.0f} s, which is more than is left of "
                        f"the part's `timeout` of {part.timeout:g} s",
                        error.reason,
                    ) from error
                tries += 1
                self.flush()
                self._append(
                    ev.Retried(c=c.c, reason=error.reason, message=str(error), wait=round(wait * 1000))
                )
                await self._conductor.clock.sleep(wait)

    async def _listen(self, c: ContributionState, part: Part, player: Player, reading: Reading) -> str:
        """Collect what the player brings out. Returns the provider's word for why it ended."""
        finish = ""
        stall = part.stall if player.ref.kind == "model" else None
        loop = asyncio.get_running_loop()
        sounds = player.play(part, reading)
        patience = asyncio.timeout(stall)
        try:
            async with patience:
                async for sound in sounds:
                    if stall is not None:
                        patience.reschedule(loop.time() + stall)
                    if isinstance(sound, str):
                        self._hear(c.c, sound)
                    elif isinstance(sound, Finish):
                        finish = sound.reason
                    else:
                        self._note_sound(c.c, sound)
        except TimeoutError as error:
            if not patience.expired():
                raise PermanentError(f"TimeoutError: {error}") from error
            raise TransientError(f"nothing came for {part.stall:g} s", "stall") from None
        finally:
            await sounds.aclose()
        return finish

    def _hear(self, c: int, text: str) -> None:
        if text:
            self._text.setdefault(c, []).append(text)
            self._conductor.wake()

    def _note_sound(self, c: int, sound: Sound) -> None:
        if self.take.contributions[c].status not in IN_THE_AIR:
            return
        self.flush()
        if isinstance(sound, Usage):
            self._append(
                ev.UsageReported(
                    c=c,
                    tokens_in=sound.tokens_in,
                    tokens_out=sound.tokens_out,
                    cost=sound.cost,
                    estimated=sound.estimated,
                    model=sound.model,
                )
            )
        elif isinstance(sound, Output):
            self._append(ev.Printed(c=c, text=sound.printed))

    def flush(self) -> None:
        """Put the text that came since onto the log."""
        text, self._text = self._text, {}
        playing = [
            ev.TextPlayed(c=c, text="".join(pieces))
            for c, pieces in text.items()
            if self.take.contributions[c].status in IN_THE_AIR
        ]
        if playing:
            self._conductor.append_text(playing, self.take.id, self.now())

    # Notes ------------------------------------------------------------------------------------

    def note(self, cue: Note, name: str, text: str) -> dict[str, str]:
        """Send a note into this take. Gives what that does to each part it is to; nothing, if it stood."""
        sent = len(self._conductor.state.sent)
        self._conductor.send([(name, cue.to, text)], self.take.id, self.now())
        if len(self._conductor.state.sent) == sent:
            return {}
        effects: dict[str, str] = {}
        for part, c in self.take.standing().items():
            if cue.to in ("all", part):
                effects[part] = self._noted(c, cut=cue.now)
        self.step()
        return effects

    def _noted(self, c: ContributionState, *, cut: bool) -> str:
        """Let a note count for a part, whose contribution is `c`. Gives what that does, in a few words."""
        if c.status == "waiting":
            return "reads it as it enters"
        if c.status == "playing" and not cut:
            return "enters again with it as it ends"
        if c.status == "playing":
            self._cut([c], "note")
            self._wait_again(c)
            return "was cut, and enters again with it"
        if c.status in ANSWERED:
            self._wait_again(c)
            return "plays again with it"
        return f"{_AS_IT_IS[c.status]}: reads it in the next take"

    def _unread(self, c: ContributionState) -> bool:
        """Whether a note to this part came after it entered."""
        standing = self._conductor.state.notes(self.take.id, self._conductor.state.seq)
        return any(note.to in ("all", c.part) and note.read not in c.reads for note in standing.values())

    def _wait_again(self, c: ContributionState) -> None:
        self._append(ev.Waiting(c=1 + max(self.take.contributions), part=c.part, item=c.item))

    def _flag_readers(self, c: ContributionState) -> None:
        """What entered with an older text of this part is stale, until the next conduct plays it."""
        if self._before(c) is None:
            return
        for name in self._readers.get(c.part, ()):
            reader = self.take.last(name)
            if reader is None:
                continue
            for read in reader.reads:
                if read.entry == c.entry and read.version != c.version:
                    evidence = ev.Evidence(
                        f"{c.part} played again: version {read.version} was read, version {c.version} stands",
                        c.entry,
                        read.version,
                        c.version,
                    )
                    self._append(ev.Flagged(c=reader.c, flag="stale", evidence=evidence))

    # Cues -------------------------------------------------------------------------------------

    def pause(self, cue: Pause) -> None:
        """Let nothing new enter; with `now`, cut what plays, to enter again on resume."""
        self._must_go_on("pause")
        if self.take.status == "playing":
            self._append(ev.Paused(by=cue.by))
        if cue.now:
            for c in self._cut_all("pause"):
                self._wait_again(c)

    def resume(self, _: Resume) -> None:
        """Go on."""
        self._must_go_on("resume")
        if self.take.status != "playing":
            self._append(ev.Resumed())
        self.step()

    def stopped(self, _: Stop) -> None:
        """End the take because the conductor says so."""
        self.stop("the conductor stopped it")

    def stop(self, why: str) -> None:
        """End the take here; what plays is cut."""
        self._must_go_on("stop")
        self._cut_all("stop")
        self._end("stopped", why)

    def _must_go_on(self, verb: str) -> None:
        if self.take.over:
            raise UsageError(f"{self.take.id} is {self.take.status}: there is nothing to {verb}")

    def _cut_all(self, by: str) -> list[ContributionState]:
        return self._cut([c for c in self.take.contributions.values() if c.status in IN_THE_AIR], by)

    def _cut(self, playing: list[ContributionState], by: str) -> list[ContributionState]:
        self.flush()
        for c in playing:
            self._append(ev.Cut(c=c.c, by=by))
            if c.c in self._tasks:
                self._tasks[c.c].cancel()
        return playing

    # The end ----------------------------------------------------------------------------------

    def _end(self, status: Literal["finished", "failed", "stopped"], why: str) -> None:
        self._append(ev.TakeEnded(status=status, why=why))
        self._conductor.tell()
        self._conductor.save_snapshot()

    def _append(self, event: ev.Event) -> None:
        self._conductor.append([event], self.take.id, self.now())

    def now(self) -> int:
        """Milliseconds since the take began, never less than what the log already says."""
        return max(self.take.at, round((self._conductor.clock.now() - self._began) * 1000))
