"""What ties the parts of a plan together: who waits for whom, who reads whom, where a loop goes back."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from ..score.plan import Plan
from ..score.text import shortened
from . import conducting
from .nearest import suggestion
from .tree import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .tree import Faults, Place


@dataclass(slots=True)
class Ties:
    """Where the ties of the parts are written, by the part that says so."""

    waits: dict[str, dict[str, Place]] = field(default_factory=dict[str, "dict[str, Place]"])
    reads: dict[str, list[tuple[Place, str]]] = field(default_factory=dict[str, "list[tuple[Place, str]]"])
    loops: dict[str, Place] = field(default_factory=dict[str, "Place"])
    tools: dict[str, Place] = field(default_factory=dict[str, "Place"])


def check(plan: Plan, ties: Ties, faults: Faults) -> None:
    """Hold the parts of a plan against each other. What is wrong goes to `faults`."""
    cycle = plan.cycle()
    if cycle is not None:
        _tell_cycle(plan, cycle, ties, faults)
    else:
        _check_loops(plan, ties, faults)
    names = dict.fromkeys(plan.names)
    for name, reads in ties.reads.items():
        _check_reads(plan, names, name, reads, faults)
    if plan.tempo.lead in ties.tools:
        _check_leader(plan, ties, faults)


def no_part(word: str, names: Iterable[str]) -> str:
    """What to say where there is no part of that name."""
    hint = suggestion(word.removeprefix("part/"), names)
    return f"there is no part {quoted(shortened(word, 40))}: {hint}"


def _tell_cycle(plan: Plan, cycle: tuple[str, ...], ties: Ties, faults: Faults) -> None:
    first = next(name for name in plan.names if name in cycle)
    before = next(one for one, other in itertools.pairwise(cycle) if other == first)
    along = cycle if len(cycle) < 12 else (*cycle[:10], "...", cycle[-1])
    over = any(one not in plan[other].after for one, other in itertools.pairwise(cycle))
    keys = "`after` or `each`" if over else "`after`"
    said = f"these wait for each other, {' -> '.join(along)}: take one of them out of {keys}"
    if len(cycle) == 2:
        said = f"{first} waits for itself: take it out of its `after`"
    faults.add(ties.waits[first][before], said)


def _check_loops(plan: Plan, ties: Ties, faults: Faults) -> None:
    """A loop goes back to an ancestor; two loops nest, or are apart, and do not wait for each other."""
    closed: set[str] = set()
    sound = True
    for name, place in ties.loops.items():
        repeat = plan[name].repeat
        if repeat is None or repeat.origin == name or repeat.origin in plan.ancestors(name):
            closed.add(name)
            continue
        faults.add(
            place,
            f"{name} does not wait for {repeat.origin}, so a loop cannot go back there: "
            f"add it to `after`, or write `from: {name}`",
        )
    loops = {name: frozenset(inside) for name, inside in plan.loops().items() if name in closed}
    for (one, inside), (other, within) in itertools.combinations(loops.items(), 2):
        shared = inside & within
        if shared and shared not in (inside, within):
            both = ", ".join(name for name in plan.names if name in shared)
            faults.add(
                ties.loops[other],
                f"the loops of {one} and {other} overlap ({both}): let one be inside the other, or apart",
            )
            sound = False
    cycle = _with_last_passes(plan, loops).cycle() if sound else None
    if cycle is not None:
        # without its loops the plan has no cycle: so one of them is on it
        last = next(name for name in reversed([*ties.loops]) if name in cycle)
        along = cycle if len(cycle) < 12 else (*cycle[:10], "...", cycle[-1])
        faults.add(
            ties.loops[last],
            f"these wait for each other, {' -> '.join(along)}, as whoever is beyond a loop waits for its "
            f"last pass: let the loop of {last} go back to another part",
        )


def _with_last_passes(plan: Plan, loops: Mapping[str, frozenset[str]]) -> Plan:
    """The plan in which whoever stands beyond a loop also says that it is after the end of it."""
    parts = (
        structs.replace(
            part,
            after=(
                *part.after,
                *(
                    end
                    for end, inside in loops.items()
                    if part.name not in inside and not inside.isdisjoint(part.waits)
                ),
            ),
        )
        for part in plan
    )
    return Plan(tuple(parts))


def _check_reads(
    plan: Plan, names: Mapping[str, None], name: str, reads: list[tuple[Place, str]], faults: Faults
) -> None:
    before = plan.ancestors(name)
    for place, word in reads:
        kind, _, what = word.partition("/")
        shown = quoted(shortened(word, 40))
        if word in ("intent", "criteria") or (kind == "material" and what):
            continue
        if kind == "part" and what in names:
            if what == name:
                faults.add(place, f"{name} cannot read itself: take {shown} out of `reads`")
            elif what not in before:
                faults.add(
                    place,
                    f"{name} does not wait for {what}: add {what} to its `after`, "
                    f"or take {shown} out of `reads`",
                )
        elif kind == "part" and what:
            faults.add(place, functools.partial(no_part, what, names))
        elif kind in ("note", "notes"):
            faults.add(place, f"notes are always read: take {shown} out of `reads`")
        else:
            faults.add(place, functools.partial(_unknown_entry, names, word, shown))


def _unknown_entry(names: Mapping[str, None], word: str, shown: str) -> str:
    if word in names:
        return f"{shown} is a part: write `part/{word}`"
    if word in ("material", "materials"):
        return "name each material: write `material/NAME`"
    entries = ["intent", "criteria", *(f"part/{name}" for name in names)]
    hint = suggestion(word, entries)
    if hint.startswith("there"):
        hint = f"write intent, criteria, part/NAME, or `material/{shortened(word, 40)}` if it is a material"
    return f"{shown} is no entry: {hint}"


def _check_leader(plan: Plan, ties: Ties, faults: Faults) -> None:
    """The part that leads is given two tools more, and a model calls a tool by nothing but its name."""
    leader = plan[plan.tempo.lead]
    for tool in leader.tools:
        called = conducting.called(tool)
        if called in ("enter", "finish"):
            faults.add(
                ties.tools[leader.name],
                f"{leader.name} leads, with a tool of its own that is called `{called}`: "
                f"{conducting.told_apart(tool)}",
            )
