"""One score with its conductor on a clock that stands still, and what somebody does to it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, cast

from msgspec import structs

from score_kernel.engine.conductor import Conductor, Start
from score_kernel.engine.wish import Wish
from score_kernel.errors import UsageError
from score_kernel.score import cues
from score_kernel.score.codec import from_lines, to_lines
from score_kernel.score.known import Known, last_in_lineage
from score_kernel.score.plan import ON_CUE
from score_kernel.score.recording import Recording
from score_kernel.score.state import ScoreState, fold

from .audit import AuditedLog
from .doubles import Scene, Stage
from .doubles import cast as cast_scene
from .scenes import Act
from .time import ManualLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from score_kernel.score import events as ev
    from score_kernel.score.state import TakeState

MOST_ANSWERS = 600
OF_A_TAKE = frozenset(
    {"pause", "resume", "note", "enter", "mute", "unmute", "release", "beat", "tempo", "play"}
)
"""What is done to a take that has not ended: if there is none, one is conducted first, mostly."""
VALUES: dict[str, tuple[Any, ...]] = {
    "at_once": (0, 1, 2, 3, 1, 2, 0, 5),
    "rate": (0, 1.0, 2.0, 60.0, 0, 3.0, 1.0, 0),
    "deadline": (0, 0.5, 2.0, 30.0, 0, 1000.0, 0, 0.1),
    "tokens": (0, 1, 10, 20, 0, 30, 0, 100),
    "budget": (0, 0.01, 0.02, 0.05, 0, 0, 1.0, 0.03),
}


class Room:
    """One score with its conductor, and what somebody does to it."""

    def __init__(self, loop: ManualLoop, scene: Scene) -> None:
        self.loop = loop
        self.stage = Stage(loop)
        self.log = AuditedLog(self.stage)
        self.conductor = Conductor(self.log, ScoreState(), loop)
        self.scene = scene
        self.conductor.compose("T", "one", ["it is good"], {})
        self.orchestrate(scene)

    @property
    def state(self) -> ScoreState:
        return self.conductor.state

    @property
    def take(self) -> TakeState | None:
        return None if self.state.head is None else self.state.takes[self.state.head]

    def check(self) -> None:
        """What holds whatever was done."""
        wrong = [*self.log.settled(), *self.loop.failures]
        assert not wrong, wrong
        assert not self.conductor.lost
        assert self.log.state == self.state
        air = 0 if self.take is None else sum(c.status == "playing" for c in self.take.contributions.values())
        assert self.stage.playing <= air + len(self.stage.clinging)

    # What somebody does ---------------------------------------------------------------------------

    async def do(self, act: Act) -> None:
        """Do it, or be refused in one line with nothing changed."""
        if act.verb in OF_A_TAKE and act.part < 6 and self.take is not None and self.take.over:
            self._try(Act("conduct", more={"fresh": act.part}))
            await self.loop.settle()
        self._try(act)
        await self.loop.settle()
        self.check()
        if act.then:
            await self.loop.advance(act.then)
            self.check()

    def _try(self, act: Act) -> None:
        before, refused = self.state.seq, None
        try:
            self._do(act)
        except UsageError as error:
            refused = str(error)
        if refused is not None:
            assert refused
            assert act.verb == "conduct" or "\n" not in refused
            assert self.state.seq == before

    def _do(self, act: Act) -> None:
        part, item = self._fitting(act)
        more = dict(act.more)
        match act.verb:
            case "pass":
                pass
            case "compose":
                self.conductor.compose("T", more["intent"], ["it is good"], {})
            case "orchestrate":
                self.orchestrate(more["scene"])
            case "edit":
                self.orchestrate(edited(self.scene, act.part, more["key"]))
            case "conduct":
                self.conduct(more)
            case "note":
                self.conductor.cue(cues.Note("all" if act.part == 7 else part, **more))
            case "tempo":
                self.conductor.cue(cues.SetTempo(**self._tempo(more)))
            case "pause" | "resume" | "stop" | "drop" | "beat":
                kind = {"beat": cues.GiveBeat}.get(act.verb) or getattr(cues, act.verb.title())
                self.conductor.cue(kind(**more))
            case "branch":
                self.conductor.cue(cues.Branch("take1"))
            case "mute" | "unmute":
                item = None
                self.conductor.cue(getattr(cues, act.verb.title())(part))
            case _:
                self.conductor.cue(getattr(cues, act.verb.title())(part, item=item, **more))

    def _fitting(self, act: Act) -> tuple[str, int | None]:
        """Whom an act is about: mostly somebody that it can be about, but for part 6 and on."""
        status = {"release": "held", "unmute": "muted", "enter": "waiting", "play": "held"}.get(act.verb)
        take = self.take
        if status is not None and take is not None and not take.over and act.part < 6:
            fitting = [c for c in take.standing() if c.status == status]
            if fitting:
                c = fitting[act.part % len(fitting)]
                return c.part, c.item
        return self._part(act.part), act.item

    def _part(self, number: int) -> str:
        names = (self.take.plan if self.take is not None and not self.take.over else self.scene.plan).names
        return "nobody" if number == 8 or not names else names[number % len(names)]

    def _tempo(self, more: dict[str, int]) -> dict[str, Any]:
        found = {key: VALUES[key][n] for key, n in more.items() if key != "lead"}
        if "lead" in more:
            found["lead"] = ("free", "conductor", "clock", "free")[more["lead"] % 4]
            if more["lead"] >= 5:
                found["lead"] = self._part(more["lead"] - 5)
        return found

    def orchestrate(self, scene: Scene) -> None:
        self.conductor.orchestrate(scene.plan, lambda: cast_scene(scene, self.stage))
        self.scene = scene

    def conduct(self, more: dict[str, Any]) -> None:
        """As `Score.conduct` does it."""
        conductor = self.conductor
        conductor.refuse_if_playing()
        plan = conductor.plan()
        after = None
        if "after" in more and self.state.seq and self.take is not None:
            seq = 1 + more["after"] * self.state.seq // 1000
            within = [t.id for t in self.state.takes.values() if t.first_seq <= seq <= t.last_seq]
            after = conductor.branch(f"{within[0]}#{seq}") if within else None
        names = plan.names
        wish = Wish(
            only=frozenset({names[more["only"] % len(names)]}) if "only" in more else frozenset(),
            fresh=frozenset({names[more["fresh"] % len(names)]}) if "fresh" in more else frozenset(),
            fresh_all=more.get("fresh_all", False),
            offline="offline" in more,
            nearest=more.get("offline", False),
            chosen=self._chosen(more["chosen"]) if "chosen" in more else {},
        )
        recordings: tuple[Recording, ...] = ()
        tempo = None
        if "lead" in more:
            tempo = structs.replace(
                plan.tempo, lead=("free", "conductor", *names)[more["lead"] % (2 + len(names))]
            )
        start = Start(
            plan, cast_scene(self.scene, self.stage), wish, more.get("note", ""), after, recordings, tempo
        )
        if "recording" in more:
            recordings = (Recording("r.score", from_lines(to_lines(self.log.read()))),)
        before = self.state.seq
        prospect = conductor.foresee(start)
        assert self.state.seq == before, "to foresee changes nothing"
        conductor.refuse_unknown(prospect.foreseen)
        found = conductor.same_as_before(prospect, wish)
        if found is not None:
            conductor.stop_what_waits()
        else:
            conductor.start(start, "")

    def _chosen(self, number: int) -> dict[str, str]:
        """One contribution that was played, for a splice."""
        played = {
            (c.part, take.id): None
            for take in self.state.takes.values()
            for c in take.standing()
            if c.version and c.part in self.scene.plan
        }
        return dict([[*played][number % len(played)]]) if played else {}

    # The end ------------------------------------------------------------------------------------------

    async def drain(self) -> None:
        """Answer whatever the take waits for, until it ends."""
        for _ in range(MOST_ANSWERS):
            await self.loop.run_dry()
            self.check()
            take = self.take
            if take is None or take.over:
                return
            assert take.status != "playing", "nothing moves, and it neither ends nor says what it waits for"
            if take.status == "paused":
                self.conductor.cue(cues.Resume())
                continue
            assert take.waits_for not in ("", "the conductor")
            before = self.state.seq
            self._answer(take)
            # a tool's question is answered as its task gets to it
            await self.loop.settle()
            assert self.state.seq > before, f"nothing can be done about {take.waits_for}"
        raise AssertionError("it never ends")

    def _answer(self, take: TakeState) -> None:
        for c in take.standing():
            if c.status == "held":
                assert c.name in take.waits_for
                if c.asks == "contribution":
                    self.conductor.cue(cues.Play(c.part, '["played"]', c.item))
                else:
                    self.conductor.cue(cues.Release(c.part, item=c.item))
                return
        if "deadline" in take.waits_for or "budget" in take.waits_for:
            lead = "free" if take.tempo.lead == "clock" else take.tempo.lead
            self.conductor.cue(cues.SetTempo(lead=lead, deadline=0, tokens=0, budget=0))
        elif "%cue tempo --lead free" in take.waits_for:
            self.conductor.cue(cues.SetTempo(lead="free"))
        elif "%cue beat" in take.waits_for:
            self.conductor.cue(cues.GiveBeat(3))
        else:
            named = re.findall(r"%cue enter (\w+)", take.waits_for)
            assert named, take.waits_for
            self.conductor.cue(cues.Enter(named[0]))

    async def end(self) -> None:
        """When all is said: nobody plays on, and the log tells all of it again."""
        await self.loop.run_dry()
        assert len(asyncio.all_tasks()) == 1
        assert not self.stage.playing
        events = list(self.log.read())
        assert fold(from_lines(to_lines(events))) == self.state
        self._rewind(events)

    def _rewind(self, events: Sequence[ev.Event]) -> None:
        """Every moment of every take is one to branch from, and what counts then is told by the log so far."""
        conductor, state, then = self.conductor, self.state, ScoreState()
        digests = sorted({c.digest for take in state.takes.values() for c in take.contributions.values()})
        of_take = {name: conductor.events(name) for name in state.takes}
        every = 1 + len(events) // 150
        for event in events:
            then.apply(event)
            if event.take is None or (event.seq % every and event.seq != len(events)):
                continue
            take = event.take
            assert of_take[take]
            assert conductor.branch(f"{take}#{event.seq}") == (take, event.seq)
            assert known(state, take, event.seq, digests) == known(then, take, event.seq, digests)
            assert state.notes(take, event.seq) == then.notes(take, event.seq)
            for part in then.takes[take].plan:
                assert played(state, take, event.seq, part.name) == played(then, take, event.seq, part.name)


def known(state: ScoreState, take: str, seq: int, digests: Sequence[str]) -> list[Any]:
    """The answers that a branch would know."""
    found = Known(state, take, seq)
    return [[found.take_over(digest) for _ in range(2)] for digest in digests if digest]


def played(state: ScoreState, take: str, seq: int, part: str) -> tuple[str, int] | None:
    """What a branch would keep of a part."""
    found = last_in_lineage(state, take, seq, part)
    return found and (found[0], found[1].c)


def edited(scene: Scene, number: int, key: str) -> Scene:
    """The scene with one part of it written otherwise."""
    parts = list(scene.plan.parts)
    n = number % len(parts)
    part = parts[n]
    match key:
        case "task":
            part = structs.replace(part, task=part.task + "!")
        case "hold":
            part = structs.replace(part, hold=not part.hold)
        case "on-cue":
            part = structs.replace(part, enters=0.0 if part.on_cue else ON_CUE)
        case "each" if not part.source:
            part = structs.replace(part, each=None if part.each else "list2")
        case "player":
            part = structs.replace(part, player=f"{part.player}!")
        case "drop" if len(parts) > 1:
            return _without(scene, part.name)
        case _:
            pass
    parts[n] = part
    return Scene(structs.replace(scene.plan, parts=tuple(parts)), scene.manners)


def _without(scene: Scene, name: str) -> Scene:
    parts = [
        structs.replace(
            part,
            after=tuple(other for other in part.after if other != name),
            each=None if part.source == name else part.each,
            reads=None,
            repeat=None,
        )
        for part in scene.plan
        if part.name != name
    ]
    tempo = scene.plan.tempo
    if tempo.lead == name:
        tempo = structs.replace(tempo, lead="free")
    plan = structs.replace(scene.plan, parts=tuple(parts), tempo=tempo)
    return Scene(plan, scene.manners)


def perform(scene: Scene, done: Sequence[Act], look: Callable[[Room], None] | None = None) -> Room:
    """Conduct a scene, do these things, and bring it to its end. `look` is called after each of them."""

    async def all_of_it() -> Room:
        loop = cast("ManualLoop", asyncio.get_running_loop())
        room = Room(loop, scene)
        try:
            for act in (Act("conduct"), *done):
                await room.do(act)
                if look is not None:
                    look(room)
            await room.drain()
            await room.end()
        finally:
            await loop.abandon()
        return room

    with asyncio.Runner(loop_factory=ManualLoop) as runner:
        return runner.run(all_of_it())
