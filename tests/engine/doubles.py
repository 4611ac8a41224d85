"""Players, predicates, forms and tools that do what a drawn scene says."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from score_kernel.engine import lead
from score_kernel.engine.cast import Cast, Items
from score_kernel.errors import PermanentError, TransientError
from score_kernel.score.events import Call, PlayerRef
from score_kernel.score.plan import Part, Plan
from score_kernel.score.ports import Finish, ToolCalls, Usage
from score_kernel.score.reading import Heard, Reading

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

    from score_kernel.score.ports import Clock, Sound, Tool, Turn


@dataclass(frozen=True)
class Manner:
    """How a part is played. `fates` are those of its plays, one after the other, over and over.

    `pauses` are the seconds before each chunk, `calls` the tools of each turn that calls some, `enters`
    whom it lets in where it leads, decision by decision (numbers of parts). With `clings` it takes so
    many seconds to let go when it is cut.
    """

    kind: str = "python"
    pauses: tuple[float, ...] = (0.5,)
    fates: tuple[str, ...] = ("whole",)
    calls: tuple[tuple[str, ...], ...] = ()
    enters: tuple[tuple[int, ...], ...] = ()
    clings: float = 0.0
    same: bool = False
    """Whether it always says the same, whatever it reads."""
    items: int = 2
    """How many items its list has, where it returns one."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        return f"Manner({', '.join(_unlike(Manner(), self, self.__dataclass_fields__))})"


LISTS = {f"list{n}": n for n in range(7)}
"""The lists of the notebook, and how many items each has."""
PREDICATES = ("yes", "no", "some", "slow", "slowly_no", "raises")
"""The predicates of the notebook, each of which does what its name says."""


@dataclass(frozen=True)
class Scene:
    """An orchestration, and how its parts are played."""

    plan: Plan
    manners: Mapping[str, Manner]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        """As Python, without what is as it is by default: an example that was found is pasted into a test."""
        parts = [
            f"Part({part.name!r}, {', '.join(_unlike(Part('', task=part.name), part, part.__struct_fields__))})"
            for part in self.plan
        ]
        plan = [f"parts=({', '.join(parts)},)"] + [
            one for one in _unlike(Plan(), self.plan, self.plan.__struct_fields__) if one[:6] != "parts="
        ]
        manners = {name: manner for name, manner in self.manners.items() if manner != Manner()}
        return f"Scene(Plan({', '.join(plan)}), {manners!r})"


def _unlike(plain: object, one: object, fields: Iterable[str]) -> list[str]:
    return [
        f"{key}={value!r}"
        for key in fields
        if (value := getattr(one, key)) != getattr(plain, key) and key != "name"
    ]


@dataclass
class Stage:
    """Where the players of one score play: who is in the air, and who asked when."""

    clock: Clock
    playing: int = 0
    clinging: list[str] = field(default_factory=list[str])
    """Of those that play, whoever was cut and has not let go yet: in which take."""
    take: str = ""
    requests: list[float] = field(default_factory=list[float])
    began: list[str] = field(default_factory=list[str])
    """What was found as a play began."""
    rate: float | None = None

    def enters(self, name: str, kind: str) -> None:
        """One more plays, or asks again."""
        self.playing += 1
        if kind in ("model", "script"):
            self._request(name)

    def _request(self, name: str) -> None:
        now = self.clock.now()
        if self.rate is not None:
            inside = sum(at + 60 - now > 1e-6 for at in self.requests)
            if inside >= self.rate:
                self.began.append(f"{name} is request {inside + 1} of a minute, rate {self.rate:g}")
        self.requests.append(now)


class Double:
    """A player. What it says is told by its reading and the turns before; how it fares by its manner."""

    def __init__(self, part: Part, manner: Manner, names: Sequence[str], stage: Stage) -> None:
        self._part, self._manner, self._stage = part, manner, stage
        self._names = names
        self._plays = self._decisions = 0

    @property
    def ref(self) -> PlayerRef:
        return PlayerRef(self._manner.kind, f"test/{self._part.name}")

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"kind": self._manner.kind, "player": self._part.player, "same": self._manner.same}

    async def prepare(self) -> None:
        """There is nothing to load."""

    async def play(
        self, part: Part, reading: Reading, turns: Sequence[Turn] = (), tools: Sequence[Tool] = ()
    ) -> AsyncGenerator[Sound, None]:
        manner, stage = self._manner, self._stage
        fate = manner.fates[self._plays % len(manner.fates)]
        self._plays += 1
        stage.enters(part.name, manner.kind)
        take = stage.take
        try:
            text = self._text(part, reading, turns, fate)
            size = -(-len(text) // len(manner.pauses))
            for n, pause in enumerate(manner.pauses):
                if pause:
                    await stage.clock.sleep(pause)
                yield text[n * size : (n + 1) * size]
                self._fail(fate)
            yield Usage(3, 2, 0.01)
            if fate == "stalls":
                await stage.clock.sleep(10_000)
            calls = self._calls(turns, tools)
            if calls:
                yield ToolCalls(calls)
                return
            yield Finish("stop")
        except asyncio.CancelledError:
            if manner.clings:
                stage.clinging.append(take)
                try:
                    await stage.clock.sleep(manner.clings)
                finally:
                    stage.clinging.remove(take)
            raise
        finally:
            stage.playing -= 1

    def _text(self, part: Part, reading: Reading, turns: Sequence[Turn], fate: str) -> str:
        key = "" if self._manner.same else f"{reading.digest}{len(turns)}"
        said = f"{part.name} {zlib.crc32(key.encode()):x}"
        if part.returns is None:
            return said
        return (
            "no list"
            if fate == "malformed"
            else json.dumps([f"{said} {n}" for n in range(self._manner.items)])
        )

    def _fail(self, fate: str) -> None:
        match fate:
            case "transient":
                raise TransientError("the line is down", "connection")
            case "later":
                raise TransientError("too many", "rate-limit", retry_after=7.0)
            case "incomplete":
                raise TransientError("it broke off", "incomplete")
            case "permanent":
                raise PermanentError("wrong key", "authentication")
            case "raises":
                raise ValueError("a bug")
            case _:
                pass

    def _calls(self, turns: Sequence[Turn], tools: Sequence[Tool]) -> tuple[Call, ...]:
        manner, called = self._manner, sum(bool(turn.calls) for turn in turns)
        if called < len(manner.calls):
            wanted = manner.calls[called]
            return tuple(Call(f"{called}.{n}", name, '{"n": 1}') for n, name in enumerate(wanted))
        leads = any(isinstance(tool, lead.LeadTool) for tool in tools)
        if not leads or called > len(manner.calls):
            return ()
        decision, self._decisions = self._decisions, self._decisions + 1
        if decision >= len(manner.enters):
            return (Call("end", lead.FINISH, "{}"),) if decision == len(manner.enters) else ()
        given = [
            {"part": self._names[n % len(self._names)]} | ({"note": f"go {n}"} if n % 3 == 0 else {})
            for n in manner.enters[decision]
        ]
        return tuple(Call(f"in.{n}", lead.ENTER, json.dumps(one)) for n, one in enumerate(given))


class Tools:
    """The toolbox of a part."""

    def __init__(self, part: Part, clock: Clock) -> None:
        self._part, self._clock = part, clock

    @property
    def identity(self) -> Mapping[str, Any]:
        return dict.fromkeys(self._part.tools, "def")

    async def open(self) -> Sequence[Tool]:
        return [NotebookTool(name, self._clock) for name in self._part.tools]

    def asks(self, name: str) -> bool:
        return name in self._part.ask


@dataclass(frozen=True)
class NotebookTool:
    """A tool that is quick, slow, or raises, as its name says."""

    name: str
    clock: Clock
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])

    async def run(self, arguments: str) -> str:
        if self.name == "slow":
            await self.clock.sleep(0.7)
        if self.name == "broken":
            raise ValueError("out of order")
        return f"{self.name} {arguments}"


@dataclass(frozen=True)
class Says:
    """A predicate: yes; no; some (told by what it is asked about); slow (yes), slowly no; or it raises."""

    manner: str
    clock: Clock

    async def __call__(self, subject: object) -> tuple[bool, str]:
        if self.manner.startswith("slow"):
            await self.clock.sleep(0.3)
        match self.manner:
            case "raises":
                raise ValueError("no idea")
            case "some":
                about = subject.digest if isinstance(subject, Reading) else ""
                about = subject.text if isinstance(subject, Heard) else about
                return zlib.crc32(about.encode()) % 2 == 0, "chance"
            case "no" | "slowly_no":
                return False, "not good"
            case _:
                return True, ""


class ListForm:
    """The form of a list."""

    identity: Mapping[str, Any] = {"type": "array"}

    def read(self, text: str) -> Any:
        value = json.loads(text)
        if not isinstance(value, list):
            raise ValueError("no list")
        return value  # pyright: ignore[reportUnknownVariableType]


def cast(scene: Scene, stage: Stage) -> Cast:
    """Everybody who plays in a scene."""
    plan, clock = scene.plan, stage.clock

    def items(name: str) -> Items:
        texts = [f"{name} {n}" for n in range(LISTS[name])]
        return Items(texts, texts)

    return Cast(
        players={
            part.name: Double(part, scene.manners.get(part.name, Manner()), plan.names, stage)
            for part in plan
        },
        toolboxes={part.name: Tools(part, clock) for part in plan if part.tools},
        forms={part.name: ListForm() for part in plan if part.returns},
        items={part.name: items(part.each) for part in plan if part.each and not part.source},
        predicates={name: (Says(name, clock), name) for name in PREDICATES},
    )
