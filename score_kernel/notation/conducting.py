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
from .tree import Faults, Scalar, Table, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .tree import Node, Place

    Lookup = Callable[[str], object]

_SERVER = re.compile(r"mcp:[\w.-]+(/[\w.-]+)?")
ON_FLAG = ("show", "hold", "retake")
LOOP = ("from", "until", "at_most")
_SCHEMA = frozenset(
    {"type", "properties", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref", "$defs"}
)


def tools(node: Node, lookup: Lookup, faults: Faults) -> tuple[str, ...]:
    """Functions of the notebook, and tools of MCP servers: `mcp:SERVER`, `mcp:SERVER/TOOL`.

    Each is there once, and a model can tell them apart, as far as the plan tells what they are called.
    """
    found: dict[str, None] = {}
    by_name: dict[str, str] = {}
    by_server: dict[str, str] = {}
    for place, name in fields.words(node, "tools", faults):
        if name.partition(":")[0] == "mcp":
            problem = _problem_of_server(name)
        else:
            problem = _problem_of_function(name, lookup, "query: str")
        if not problem and name in found:
            problem = f"`{shortened(name, 40)}` is there twice: delete one of them"
        problem = problem or _problem_of_two(name, by_name, by_server)
        if problem:
            faults.add(place, problem)
            continue
        found[name] = None
        by_server.setdefault(name.partition("/")[0], name)
        if called(name):
            by_name[called(name)] = name
    return tuple(found)


def _problem_of_two(name: str, by_name: Mapping[str, str], by_server: Mapping[str, str]) -> str:
    """A server beside one of its own tools, or two tools that are called the same."""
    other = by_server.get(name.partition("/")[0])
    if other is not None and ("/" in other) != ("/" in name):
        one, server = sorted((other, name), key=len, reverse=True)
        return f"`{shortened(one, 40)}` is one of the tools of `{shortened(server, 40)}`: delete one of them"
    other = by_name.get(called(name))
    if other is not None:
        both = f"`{shortened(other, 40)}` and `{shortened(name, 40)}`"
        return f"{both} are both `{shortened(called(name), 40)}` to a model: {told_apart(other, name)}"
    return ""


def called(tool: str) -> str:
    """What a model calls a tool by; an empty text for a whole server, whose tools only it can tell.

    >>> called("mcp:files/read.all")
    'read_all'
    """
    if tool.partition(":")[0] != "mcp":
        return tool
    return re.sub(r"[^a-zA-Z0-9_-]", "_", tool.partition("/")[2])[:64]


def told_apart(*tools: str) -> str:
    """What to do so that a model can tell these from what else it can call."""
    function = next((tool for tool in tools if tool.partition(":")[0] != "mcp"), "")
    return f"rename the function `{shortened(function, 40)}`" if function else "delete one of them"


def ask(node: Node, given: Node | None, faults: Faults) -> tuple[str, ...]:
    """Which tools wait for a yes. Each is one of the tools `given`, or of a server that is."""
    # these may have faults of their own, which are told at their own place
    known = [] if given is None else [word for _, word in fields.names(given, "tools", Faults())]
    found: list[str] = []
    for place, name in fields.names(node, "ask", faults):
        server, slash, _ = name.partition("/")
        of_server = slash and server in known and _SERVER.fullmatch(name)
        if name not in known and not of_server:
            hint = suggestion(name, known) if known else "the part has no tools"
            faults.add(place, f"{quoted(shortened(name, 40))} is none of the part's tools: {hint}")
            continue
        found.append(name)
    return tuple(found)


def predicate(node: Node, key: str, lookup: Lookup, faults: Faults) -> str | None:
    """A function of the notebook that says yes or no."""
    name = fields.word(node, key, faults)
    if name is None:
        return None
    given = "reading" if key == "when" else "contribution"
    problem = _problem_of_function(name, lookup, given)
    if problem:
        faults.add(node.place, problem)
        return None
    return name


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
    value = fields.word(node, "on_flag", faults)
    if value is None or value in ON_FLAG:
        return value
    faults.add(node.place, f"`on_flag` is show, hold or retake: {suggestion(value, ON_FLAG)}")
    return None


def enters(node: Node, faults: Faults) -> float | str | None:
    """A rest in seconds, or `on-cue`."""
    if isinstance(node, Scalar):
        if node.value is None:
            faults.add(node.place, fields.empty("enters"))
            return None
        if isinstance(node.value, str) and node.value.strip().replace("_", "-") == ON_CUE:
            return ON_CUE
    rest = fields.time(node)
    if rest is not None and 0 <= rest <= fields.WEEK:
        return rest
    shown = f", not {quoted(shortened(node.source, 40))}" if isinstance(node, Scalar) else ""
    faults.add(
        node.place,
        f"`enters` is a rest in seconds, at most a week, or `on-cue`{shown}: "
        "write `enters: 5s` or `enters: on-cue`",
    )
    return None


def each(node: Node, part: str, names: Mapping[str, None], lookup: Lookup, faults: Faults) -> str | None:
    """A list, a dict or a DataFrame of the notebook, or `part/NAME`."""
    written = fields.word(node, "each", faults)
    if written is None:
        return None
    _, slash, _ = written.partition("/")
    problem = _problem_of_source(written, part, names) if slash else _problem_of_list(written, names, lookup)
    if problem:
        faults.add(node.place, problem)
        return None
    return written


def _problem_of_source(written: str, part: str, names: Mapping[str, None]) -> str:
    kind, _, name = written.partition("/")
    if kind != "part" or not name:
        return f"{quoted(shortened(written, 40))} is no list: write `each: NAME` or `each: part/NAME`"
    if name == part:
        return f"{part} cannot be over its own list: name another part"
    if name not in names:
        return f"there is no part {quoted(shortened(name, 40))}: {suggestion(name, names)}"
    return ""


def _problem_of_list(name: str, names: Mapping[str, None], lookup: Lookup) -> str:
    shown = shortened(name, 40)
    try:
        value = lookup(name)
    except KeyError:
        hint = f"; for what the part {shown} returns write `each: part/{shown}`" if name in names else ""
        return f"no list `{shown}` in this notebook: run the cell that makes it{hint}"
    if isinstance(value, list | tuple | dict) or _is_frame(value):
        return ""
    listed = f"{shown} = list({shown})"
    if isinstance(value, str):
        listed = f"{shown} = {shown}.splitlines()"
    elif isinstance(value, set | frozenset):
        listed = f"{shown} = sorted({shown})"
    elif callable(value):
        listed = f"items = list({shown}()) and `each: items`"
    elif not hasattr(value, "__iter__"):
        listed = f"{shown} = [...]"
    kind = type(value).__name__
    return f"`{shown}` is of type {kind}: `each` is over a list, a dict or a DataFrame; write {listed}"


def _is_frame(value: object) -> bool:
    """Whether this is a pandas DataFrame, told without importing pandas."""
    return not isinstance(value, type) and hasattr(value, "iterrows") and hasattr(value, "index")


def returns(node: Node, lookup: Lookup, faults: Faults) -> str | None:
    """A pydantic model or a JSON schema of the notebook."""
    name = fields.word(node, "returns", faults)
    if name is None:
        return None
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
    strange = [word for word in node.entries if word not in LOOP]
    for word in strange:
        place = node.entries[word][0].place
        faults.add(place, f"`{shortened(word)}` is no key of `repeat`: {suggestion(word, LOOP)}")
    if strange:
        return None
    lacking = [word for word in LOOP if word not in node.entries]
    if lacking:
        faults.add(node.place, f"`repeat` lacks {' and '.join(f'`{word}`' for word in lacking)}: {example}")
        return None
    origin_node = node.entries["from"][1]
    origin = fields.word(origin_node, "from", faults)
    until = predicate(node.entries["until"][1], "until", lookup, faults)
    most = fields.whole_number(node.entries["at_most"][1], "at_most", faults, 1, 1000)
    if origin is None or until is None or most is None:
        return None
    if origin not in names:
        faults.add(
            origin_node.place,
            f"there is no part {quoted(shortened(origin, 40))}: "
            f"{suggestion(origin.removeprefix('part/'), names)}",
        )
        return None
    return Repeat(origin, until, most), origin_node.place


def _problem_of_server(name: str) -> str:
    if _SERVER.fullmatch(name):
        return ""
    return f"{quoted(shortened(name, 40))} names no server: write mcp:SERVER or mcp:SERVER/TOOL"


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
