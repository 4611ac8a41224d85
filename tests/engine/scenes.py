"""Scenes and what a conductor does in them, for Hypothesis.

A plan is drawn part by part, each with a few of its keys. What is done is drawn as plain data that
names parts by number, so that every action means something in every scene, and a list of them shrinks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from msgspec import structs

from score_kernel.engine.schedule import gates
from score_kernel.score.plan import ON_CUE, Check, Part, Plan, Repeat, Tempo

from .doubles import PREDICATES, Manner, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

TOOLS = ("quick", "slow", "broken")
FATES = ("whole", "transient", "later", "incomplete", "permanent", "raises", "stalls", "malformed")
KEYS = (
    "after",
    "each",
    "repeat",
    "repeat-short",
    "when",
    "hold",
    "human",
    "on-cue",
    "rest",
    "checks",
    "fates",
    "pauses",
    "quick",
    "returns",
    "each-part",
    "tools",
    "clings",
    "model",
    "script",
    "reuse",
    "reads",
    "timeout",
    "same",
)
MOMENTS = (0.0, 0.0, 0.0, 0.02, 0.1, 0.5, 0.5, 1.0, 2.0, 10.0, 61.0, 700.0)
PAUSES = (0.0, 0.1, 0.5, 0.5, 1.0, 3.0)


@st.composite
def tempos(draw: st.DrawFn, names: Sequence[str]) -> Tempo:
    lead = draw(st.sampled_from(["free", "free", "free", "conductor", "clock", "part"]))
    if lead == "part":
        lead = draw(st.sampled_from(names))
    limits = draw(st.lists(st.sampled_from(["at_once", "rate", "deadline", "tokens", "budget"]), max_size=2))
    given: dict[str, Any] = {}
    if "at_once" in limits:
        given["at_once"] = draw(st.integers(1, 3))
    if "rate" in limits:
        given["rate"] = draw(st.sampled_from([1.0, 2.0, 3.0, 60.0]))
    if "tokens" in limits:
        given["tokens"] = draw(st.sampled_from([1, 10, 20]))
    elif "budget" in limits:
        given["budget"] = draw(st.sampled_from([0.01, 0.03]))
    if "deadline" in limits or lead == "clock":
        given["deadline"] = draw(st.sampled_from([0.4, 2.0, 30.0]))
    return Tempo(lead, **given)


@st.composite
def scenes(draw: st.DrawFn, most: int = 30) -> Scene:
    large = most > 6 and draw(st.integers(0, 24)) == 24
    number = draw(st.integers(7, most)) if large else draw(st.integers(1, 6))
    parts: list[Part] = []
    manners: dict[str, Manner] = {}
    for n in range(number):
        part, manner = draw(_parts(f"p{n}", parts, 2 if large else 4))
        parts.append(part)
        manners[part.name] = manner
        if part.source:
            _let_return(parts, part.source)
    if draw(st.integers(0, 4)) == 4:  # an order that is not that of playing
        parts = draw(st.permutations(parts))
    plan = Plan(tuple(parts))
    if draw(st.booleans()):
        tempo = draw(tempos(plan.names))
        plan = structs.replace(plan, tempo=tempo)
    if draw(st.integers(0, 5)) == 5:
        plan = structs.replace(
            plan,
            checks=(Check(draw(st.sampled_from(["some", "yes"]))),),
            on_flag=draw(st.sampled_from(["show", "hold", "retake"])),
        )
    enters = draw(st.lists(st.lists(st.integers(0, 6), max_size=3).map(tuple), max_size=4).map(tuple))
    if plan.tempo.lead in manners:
        name = plan.tempo.lead
        manners[name] = _with(manners[name], enters=enters)
    return Scene(plan, manners)


def _with(manner: Manner, **more: Any) -> Manner:
    return Manner(**{**vars(manner), **more})


def _let_return(parts: list[Part], name: str) -> None:
    for n, part in enumerate(parts):
        if part.name == name and part.each is None:
            parts[n] = structs.replace(part, returns="schema")


@st.composite
def _parts(draw: st.DrawFn, name: str, before: list[Part], most: int) -> tuple[Part, Manner]:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=most))
    given: dict[str, Any] = {}
    manner: dict[str, Any] = {"items": len(before) % 4}
    names = [part.name for part in before]
    if names and ("after" in keys or draw(st.booleans())):
        given["after"] = tuple(draw(st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=3)))
    if "each-part" in keys and names:
        given["each"] = f"part/{draw(st.sampled_from(names))}"
    elif "each" in keys:
        given["each"] = f"list{draw(st.integers(0, 6))}"
    if "returns" in keys:
        given["returns"] = "schema"
        manner["fates"] = tuple(
            draw(st.lists(st.sampled_from(["malformed", "whole"]), min_size=1, max_size=3))
        )
    if "when" in keys:
        given["when"] = draw(st.sampled_from(PREDICATES))
    if "hold" in keys:
        given["hold"] = True
    if "on-cue" in keys:
        given["enters"] = ON_CUE
    elif "rest" in keys:
        given["enters"] = draw(st.sampled_from([0.3, 2.0]))
    if "checks" in keys:
        given["checks"] = (Check(draw(st.sampled_from(["some", "no", "slow", "raises"])), "c1"),)
        given["on_flag"] = draw(st.sampled_from([None, "show", "hold", "retake"]))
    if "reuse" in keys:
        given["reuse"] = False
    if "timeout" in keys:
        given |= {"timeout": draw(st.sampled_from([0.2, 1.0])), "stall": 0.4, "retries": 1}
    for kind in ("human", "model", "script"):
        if kind in keys:
            manner["kind"] = kind
            given["player"] = kind
    if "fates" in keys:
        manner["fates"] = tuple(draw(st.lists(st.sampled_from(FATES), min_size=1, max_size=3)))
    if "quick" in keys:
        manner["pauses"] = (0.0,)
    elif "pauses" in keys:
        manner["pauses"] = tuple(draw(st.lists(st.sampled_from(PAUSES), min_size=1, max_size=3)))
    if "clings" in keys:
        manner["clings"] = draw(st.sampled_from([0.2, 5.0]))
    if "same" in keys:
        manner["same"] = True
    if "tools" in keys:
        given["tools"] = TOOLS
        given["ask"] = tuple(draw(st.lists(st.sampled_from(TOOLS), unique=True)))
        given["max_turns"] = draw(st.integers(1, 3))
        call = st.lists(st.sampled_from((*TOOLS, "unheard_of")), min_size=1, max_size=2).map(tuple)
        manner["calls"] = tuple(draw(st.lists(call, min_size=1, max_size=3)))
    part = Part(name, task=name, **given)
    plan = Plan((*before, part))
    if "reads" in keys:
        within = sorted(plan.ancestors(name))
        if within:
            part = structs.replace(part, reads=("intent", f"part/{draw(st.sampled_from(within))}"))
    if "repeat" in keys or "repeat-short" in keys:
        origin = draw(st.sampled_from([name, *given.get("after", ()), *sorted(plan.ancestors(name))]))
        until = draw(st.sampled_from(["some", "no", "no", "slowly_no", "raises"]))
        looped = structs.replace(part, repeat=Repeat(origin, until, draw(st.integers(1, 3))))
        if _nest((*before, looped)):
            part = looped
    if not _nest((*before, part)):  # an edge into a loop can make two overlap
        part = structs.replace(part, after=(), each=None, reads=None)
    return part, Manner(**manner)


def _nest(parts: tuple[Part, ...]) -> bool:
    """Whether loops nest or are apart, and none waits for the last pass of another in a ring."""
    plan = Plan(parts)
    loops = [set(names) for names in plan.loops().values()]
    beyond = gates(plan)
    late = (
        structs.replace(part, after=(*part.after, *(end for end, _ in beyond.get(part.name, ()))))
        for part in plan
    )
    return Plan(tuple(late)).cycle() is None and all(
        not one & two or one <= two or two <= one for n, one in enumerate(loops) for two in loops[n + 1 :]
    )


@dataclass(frozen=True)
class Act:
    """Something that the conductor does, and the seconds that pass then. Parts are numbers."""

    verb: str
    part: int = 0
    item: int | None = None
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    then: float = 0.0

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        given = [
            f"{key}={value!r}"
            for key, value in vars(self).items()
            if key != "verb" and value not in (0, None, {})
        ]
        return f"Act({', '.join([repr(self.verb), *given])})"


NUMBERS = st.integers(0, 8)
ITEMS = st.sampled_from([None, None, 0, 1, 5])
MORE: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "pass": st.just({}),
    "pause": st.fixed_dictionaries({"now": st.booleans(), "by": st.sampled_from(["conductor", "interrupt"])}),
    "resume": st.just({}),
    "stop": st.just({}),
    "note": st.fixed_dictionaries({"text": st.sampled_from(["x", "y", " "]), "now": st.booleans()}),
    "drop": st.fixed_dictionaries({"note": st.sampled_from(["1", "2", "opening"])}),
    "enter": st.just({}),
    "mute": st.just({}),
    "unmute": st.just({}),
    "release": st.sampled_from(
        [
            {},
            {},
            {"edit": '["e"]'},
            {"edit": "e"},
            {"back": "again"},
            {"back": ""},
            {"no": True},
            {"no": True, "back": "x"},
        ]
    ),
    "beat": st.fixed_dictionaries({"n": st.sampled_from([1, 1, 2, 0])}),
    "tempo": st.dictionaries(
        st.sampled_from(["lead", "at_once", "rate", "deadline", "tokens", "budget"]),
        st.integers(0, 7),
        min_size=1,
        max_size=3,
    ),
    "play": st.fixed_dictionaries({"text": st.sampled_from(['["mine"]', "mine"])}),
    "branch": st.just({}),
    "compose": st.fixed_dictionaries({"intent": st.sampled_from(["one", "two"])}),
    "edit": st.fixed_dictionaries(
        {"key": st.sampled_from(["task", "hold", "drop", "on-cue", "each", "player"])}
    ),
    "orchestrate": st.fixed_dictionaries({"scene": scenes(most=5)}),
    "conduct": st.fixed_dictionaries(
        {},
        optional={
            "note": st.sampled_from(["softly", "loud"]),
            "only": NUMBERS,
            "fresh": NUMBERS,
            "fresh_all": st.booleans(),
            "after": st.integers(0, 1000),
            "lead": st.integers(0, 7),
            "recording": st.just(True),
            "offline": st.booleans(),
            "chosen": NUMBERS,
        },
    ),
}
OFTEN = (
    "pass",
    "note",
    "release",
    "release",
    "enter",
    "beat",
    "conduct",
    "conduct",
    "mute",
    "play",
    "tempo",
    "pause",
)


@st.composite
def acts(draw: st.DrawFn) -> Act:
    verb = draw(st.sampled_from((*OFTEN, *MORE)))
    return Act(verb, draw(NUMBERS), draw(ITEMS), draw(MORE[verb]), draw(st.sampled_from(MOMENTS)))
