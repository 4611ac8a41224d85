"""The plan: who plays, what each part is for, and what waits for what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct, structs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RESERVED_NAMES = frozenset({"all", "free", "conductor", "clock", "opening"})


class Tempo(Struct, frozen=True):
    """Who leads, and how fast. `None` is: no limit.

    - `lead`      free, conductor, clock, or the name of the part that leads
    - `at_once`   contributions that play at the same time and do not wait for the conductor
    - `rate`      requests a minute
    - `deadline`  seconds from the beginning of the take, while it plays
    - `budget`    USD, or `tokens`, for the take
    """

    lead: str = "free"
    at_once: int | None = None
    rate: float | None = None
    deadline: float | None = None
    budget: float | None = None
    tokens: int | None = None


class Repeat(Struct, frozen=True, rename={"origin": "from"}):
    """A loop from `origin` to the part that says so: `until` a predicate says yes, `at_most` passes."""

    origin: str
    until: str
    at_most: int


class Check(Struct, frozen=True):
    """A predicate that a contribution is asked, and the criterion that it stands for (`c1`), if any."""

    name: str
    criterion: str = ""


OnFlag = Literal["show", "hold", "retake"]


class Part(Struct, frozen=True):
    """One agent's role in the score. `timeout` and `stall` are seconds.

    `tools`, `returns`, `each`, `when`, `checks` name things of the notebook (`each` also `part/NAME`,
    `tools` also `mcp:SERVER` and `mcp:SERVER/TOOL`). `enters` is a rest in seconds, or `on-cue`.
    `on_flag` is `None` where the plan's own counts.
    """

    name: str
    role: str = ""
    goal: str = ""
    backstory: str = ""
    task: str = ""
    expects: str = ""
    model: str | None = None
    params: dict[str, Any] = {}
    player: str | None = None
    understudy: str | None = None
    after: tuple[str, ...] = ()
    reads: tuple[str, ...] | None = None
    tools: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    max_turns: int = 10
    returns: str | None = None
    each: str | None = None
    when: str | None = None
    repeat: Repeat | None = None
    checks: tuple[Check, ...] = ()
    on_flag: OnFlag | None = None
    hold: bool = False
    enters: float | str = 0.0
    retries: int = 2
    timeout: float = 600.0
    stall: float = 60.0
    reuse: bool = True

    @property
    def on_cue(self) -> bool:
        """Whether it enters only when it is cued in."""
        return self.enters == ON_CUE

    @property
    def rest(self) -> float:
        """Seconds between its turn and its entering."""
        return self.enters if isinstance(self.enters, int | float) else 0.0

    @property
    def source(self) -> str:
        """The part whose list its section is over, or an empty string."""
        kind, _, name = (self.each or "").partition("/")
        return name if kind == "part" else ""

    @property
    def waits(self) -> tuple[str, ...]:
        """The parts that it waits for: those it is `after`, and the one whose list it is over."""
        return self.after if not self.source or self.source in self.after else (*self.after, self.source)


ON_CUE = "on-cue"


class Plan(Struct, frozen=True):
    """All parts in the order they were written, the default model, the tempo, and what counts for all parts:
    `checks` and `on_flag`."""

    parts: tuple[Part, ...] = ()
    model: str | None = None
    tempo: Tempo = Tempo()
    checks: tuple[Check, ...] = ()
    on_flag: OnFlag = "show"

    def __iter__(self) -> Iterator[Part]:  # type: ignore[override]
        return iter(self.parts)

    def __contains__(self, name: object) -> bool:
        return any(part.name == name for part in self.parts)

    def __getitem__(self, name: str) -> Part:
        part = self.get(name)
        if part is None:
            raise KeyError(name)
        return part

    def get(self, name: str) -> Part | None:
        """The part of that name, or `None`."""
        return next((part for part in self.parts if part.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Part names in plan order."""
        return tuple(part.name for part in self.parts)

    def ancestors(self, name: str) -> frozenset[str]:
        """Every part that `name` waits for, directly or not."""
        return self._reach([name], {part.name: part.waits for part in self.parts})

    def dependents(self, names: Iterable[str]) -> frozenset[str]:
        """Every part that waits for one of `names`, directly or not."""
        onward: dict[str, list[str]] = {}
        for part in self.parts:
            for before in part.waits:
                onward.setdefault(before, []).append(part.name)
        return self._reach(names, onward)

    def between(self, origin: str, end: str) -> tuple[str, ...]:
        """The parts on a path from one part to another, both included, in plan order.

        >>> Plan((Part("a"), Part("b", after=("a",)), Part("c", after=("a",)))).between("a", "b")
        ('a', 'b')
        """
        onward = self.dependents([origin]) | {origin}
        back = self.ancestors(end) | {end}
        return tuple(name for name in self.names if name in onward and name in back)

    def loops(self) -> dict[str, tuple[str, ...]]:
        """Every loop: by the part that says `repeat`, the parts that play again."""
        return {part.name: self.between(part.repeat.origin, part.name) for part in self if part.repeat}

    def loop_of(self, name: str) -> frozenset[str]:
        """All parts of the loops that a part is in."""
        return frozenset(other for loop in self.loops().values() if name in loop for other in loop)

    def checks_of(self, part: Part) -> tuple[Check, ...]:
        """The checks of a part's contributions: the plan's own, and the part's."""
        return tuple(dict.fromkeys((*self.checks, *part.checks)))

    def on_flag_of(self, part: Part) -> OnFlag:
        """What a flag does to a part's contribution."""
        return part.on_flag or self.on_flag

    @staticmethod
    def _reach(start: Iterable[str], edges: dict[str, Any]) -> frozenset[str]:
        seen: set[str] = set()
        ahead = [name for origin in start for name in edges.get(origin, ())]
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead.extend(edges.get(name, ()))
        return frozenset(seen)

    def cycle(self) -> tuple[str, ...] | None:
        """A cycle among `after`, as the names along it (`('a', 'b', 'a')`), or `None`."""
        edges = {part.name: part.waits for part in self.parts}
        done: set[str] = set()
        for origin in edges:
            path: list[str] = []
            stack: list[tuple[str, int]] = [(origin, 0)]
            while stack:
                name, at = stack.pop()
                if at == 0:
                    if name in done:
                        continue
                    if name in path:
                        # `after` points backwards in time: turn it, so that it reads as it plays
                        return tuple(reversed([*path[path.index(name) :], name]))
                    path.append(name)
                following = edges.get(name, ())
                if at < len(following):
                    stack.append((name, at + 1))
                    stack.append((following[at], 0))
                else:
                    path.pop()
                    done.add(name)
        return None

    def in_order(self) -> tuple[Part, ...]:
        """Parts so that each comes after what it waits for; plan order where either would do."""
        placed: dict[str, Part] = {}
        while len(placed) < len(self.parts):
            ready = [p for p in self.parts if p.name not in placed and placed.keys() >= set(p.waits)]
            if not ready:
                raise ValueError("the plan has a cycle or an unknown part")
            placed.update((p.name, p) for p in ready)
        return tuple(placed.values())


def without_headers(plan: Plan) -> Plan:
    """The plan as it is put on the score: the `params` of its parts hold no headers (`bare`)."""
    parts = tuple(structs.replace(part, params=bare(part.params)) for part in plan.parts)
    return structs.replace(plan, parts=parts)


def bare(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters without the headers that go with a request, at whatever depth they are given.

    Whatever has `header` in its name is one, but for what a JSON schema's `properties` are called.

    >>> bare({"seed": 1, "extra_headers": {"X-Team": "a"}, "tools": [{"url": "b", "headers": {"X": "c"}}]})
    {'seed': 1, 'tools': [{'url': 'b'}]}
    """
    return {key: _bare(value, key) for key, value in params.items() if "header" not in key.lower()}


def _bare(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        if name == "properties":
            return {key: _bare(inner, "") for key, inner in table.items()}
        return bare(table)
    if isinstance(value, list | tuple):
        return [_bare(item, "") for item in cast("list[Any] | tuple[Any, ...]", value)]
    return value
