"""The keys of a part that say how it is conducted: tools, items, predicates, loops, holds.

Each function takes the node and gives the value, or `None` where it was at fault. Names are looked
up in the notebook, so that a plan is known to be playable before anything plays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from ..score.plan import ON_CUE, Check, Repeat
from ..score.text import shortened
from . import fields
from .nearest import suggestion
from .tree import Scalar, Table, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..score.plan import Plan
    from .tree import Faults, Node, Place

    Lookup = Callable[[str], object]

_SERVER = re.compile(r"mcp:[\w.-]+(/[\w.-]+)?")
_ON_FLAG = ("show", "hold", "retake")
_LOOP = ("from", "until", "at_most")
_SCHEMA = frozenset(
    {"type", "properties", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "$defs"}
)


def tools(node: Node, key: str, lookup: Lookup, faults: Faults) -> tuple[str, ...] | None:
    """Functions of the notebook, and tools of MCP servers: `mcp:SERVER`, `mcp:SERVER/TOOL`."""
    found: list[str] = []
    for place, name in fields.names(node, key, faults):
        if name.partition(":")[0] == "mcp":
            if not _SERVER.fullmatch(name):
                faults.add(
                    place,
                    f"{quoted(shortened(name, 40))} names no server: write mcp:SERVER or mcp:SERVER/TOOL",
                )
                continue
        elif (problem := _problem_of_function(name, lookup, "query: str")) != "":
            faults.add(place, problem)
            continue
        found.append(name)
    return tuple(found)


def ask(node: Node, given: tuple[str, ...], faults: Faults) -> tuple[str, ...]:
    """Which tools wait for a yes. Each is one of the part's tools, or of a server that is."""
    found: list[str] = []
    for place, name in fields.names(node, "ask", faults):
        if name not in given and name.partition("/")[0] not in given:
            hint = suggestion(name, given) if given else "the part has no tools"
            faults.add(place, f"{quoted(shortened(name, 40))} is none of the part's tools: {hint}")
            continue
        found.append(name)
    return tuple(found)


def predicate(node: Node, key: str, lookup: Lookup, faults: Faults) -> str | None:
    """A function of the notebook that says yes or no."""
    name = fields.text(node, key, faults)
    if name is None:
        return None
    given = "reading" if key == "when" else "contribution"
    problem = _problem_of_function(name.strip(), lookup, given)
    if problem:
        faults.add(node.place, problem)
        return None
    return name.strip()


def checks(node: Node, lookup: Lookup, faults: Faults) -> tuple[Check, ...]:
    """Predicates: a name, a list of them, or a mapping from criteria (`c1`) to them."""
    if not isinstance(node, Table):
        found = fields.names(node, "checks", faults)
        return tuple(Check(name) for place, name in found if _is_predicate(name, place, lookup, faults))
    named: list[Check] = []
    for criterion, (at, value) in node.entries.items():
        if not re.fullmatch(r"c[1-9]\d{0,3}", criterion):
            faults.add(at.place, f"{quoted(shortened(criterion, 40))} is no criterion: write c1, c2, ...")
            continue
        for place, name in fields.names(value, criterion, faults):
            if _is_predicate(name, place, lookup, faults):
                named.append(Check(name, criterion))
    return tuple(named)


def _is_predicate(name: str, place: Place, lookup: Lookup, faults: Faults) -> bool:
    problem = _problem_of_function(name, lookup, "contribution")
    if problem:
        faults.add(place, problem)
    return not problem


def on_flag(node: Node, faults: Faults) -> str | None:
    """What a flag does: show, hold or retake."""
    value = fields.text(node, "on_flag", faults)
    if value is None or value in _ON_FLAG:
        return value
    faults.add(node.place, f"`on_flag` is show, hold or retake: {suggestion(value, _ON_FLAG)}")
    return None


def enters(node: Node, faults: Faults) -> float | str | None:
    """A rest in seconds, or `on-cue`."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and node.value.strip().replace("_", "-") == ON_CUE:
            return ON_CUE
        if isinstance(node.value, int | float) and not isinstance(node.value, bool) and node.value == 0:
            return 0.0
        if isinstance(node.value, str) and not re.match(r"[\d.]", node.value.strip()):
            shown = quoted(shortened(node.value, 40))
            faults.add(
                node.place,
                f"`enters` is a rest or `on-cue`, not {shown}: write `enters: 5s` or `enters: on-cue`",
            )
            return None
    return fields.seconds(node, "enters", faults)


def each(node: Node, part: str, names: Mapping[str, None], lookup: Lookup, faults: Faults) -> str | None:
    """A list, a dict or a DataFrame of the notebook, or `part/NAME`."""
    written = fields.text(node, "each", faults)
    if written is None:
        return None
    written = written.strip()
    kind, slash, name = written.partition("/")
    if slash:
        if kind != "part":
            faults.add(
                node.place,
                f"{quoted(shortened(written, 40))} is no list: write `each: NAME` or `each: part/NAME`",
            )
        elif name == part:
            faults.add(node.place, f"{part} cannot be over its own list: name another part")
        elif name not in names:
            faults.add(
                node.place, f"there is no part {quoted(shortened(name, 40))}: {suggestion(name, names)}"
            )
        else:
            return written
        return None
    try:
        value = lookup(written)
    except KeyError:
        hint = (
            f"; for what the part {written} returns write `each: part/{written}`" if written in names else ""
        )
        faults.add(
            node.place,
            f"no list `{shortened(written, 40)}` in this notebook: run the cell that makes it{hint}",
        )
        return None
    if isinstance(value, list | tuple | dict) or (hasattr(value, "itertuples") and hasattr(value, "index")):
        return written
    kind = type(value).__name__
    faults.add(
        node.place,
        f"`{written}` is of type {kind}: `each` is over a list, a dict or a DataFrame; "
        f"write {written} = list(...)",
    )
    return None


def returns(node: Node, lookup: Lookup, faults: Faults) -> str | None:
    """A pydantic model or a JSON schema of the notebook."""
    name = fields.text(node, "returns", faults)
    if name is None:
        return None
    name = name.strip()
    example = "a pydantic model (a class), or a JSON schema (a dict)"
    try:
        value = lookup(name)
    except KeyError:
        faults.add(node.place, f"no `{shortened(name, 40)}` in this notebook: `returns` names {example}")
        return None
    if isinstance(value, type) and hasattr(value, "model_json_schema"):
        return name
    if isinstance(value, dict) and not _SCHEMA.isdisjoint(cast("dict[Any, Any]", value)):
        return name
    kind = "a class without a schema" if isinstance(value, type) else f"of type {type(value).__name__}"
    faults.add(node.place, f"`{name}` is {kind}: `returns` names {example}")
    return None


def repeat(
    node: Node, part: str, names: Mapping[str, None], lookup: Lookup, faults: Faults
) -> tuple[Repeat, Place] | None:
    """A loop, `{from: PART, until: PREDICATE, at_most: N}`, with the place of its `from`."""
    example = f"write `repeat: {{from: {part}, until: passed, at_most: 3}}`"
    if not isinstance(node, Table):
        faults.add(node.place, f"`repeat` is a mapping: {example}")
        return None
    strange = [word for word in node.entries if word not in _LOOP]
    for word in strange:
        place = node.entries[word][0].place
        faults.add(place, f"`{shortened(word)}` is no key of `repeat`: {suggestion(word, _LOOP)}")
    if strange:
        return None
    lacking = [word for word in _LOOP if word not in node.entries]
    if lacking:
        faults.add(node.place, f"`repeat` lacks {' and '.join(f'`{word}`' for word in lacking)}: {example}")
        return None
    origin_node = node.entries["from"][1]
    origin = fields.text(origin_node, "from", faults)
    until = predicate(node.entries["until"][1], "until", lookup, faults)
    most = fields.whole_number(node.entries["at_most"][1], "at_most", faults, 1, 1000)
    if origin is None or until is None or most is None:
        return None
    if origin not in names:
        faults.add(
            origin_node.place,
            f"there is no part {quoted(shortened(origin, 40))}: {suggestion(origin, names)}",
        )
        return None
    return Repeat(origin, until, most), origin_node.place


def check_loops(plan: Plan, places: Mapping[str, Place], faults: Faults) -> None:
    """A loop goes back to an ancestor; two loops nest, or are apart."""
    for name, place in places.items():
        part = plan[name]
        if part.repeat and part.repeat.origin != name and part.repeat.origin not in plan.ancestors(name):
            faults.add(
                place,
                f"{name} does not wait for {part.repeat.origin}, so a loop cannot go back there: "
                f"add it to `after`, or write `from: {name}`",
            )
            return
    loops = plan.loops()
    for name, inside in loops.items():
        for other, within in loops.items():
            if name < other:
                one, two = set(inside), set(within)
                if one & two and not one <= two and not two <= one:
                    faults.add(
                        places[other],
                        f"the loops of {name} and {other} overlap ({', '.join(sorted(one & two))}): "
                        "let one be inside the other, or apart",
                    )


def _problem_of_function(name: str, lookup: Lookup, given: str) -> str:
    shown = shortened(name, 40)
    if not name.isidentifier():
        return f"{quoted(shown)} is no name of a function of this notebook"
    try:
        value = lookup(name)
    except KeyError:
        return f"no function `{shown}` in this notebook: run the cell that defines it, or correct the name"
    if not callable(value):
        return f"`{shown}` is of type {type(value).__name__} and no function: define it, def {name}({given})"
    return ""
