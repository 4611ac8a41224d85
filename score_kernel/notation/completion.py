"""What an orchestration can go on with, where the cursor is: keys by their place, and values by their key.

The text before the cursor is no YAML yet, so it is not read as such: the place comes of the indentation
of the lines above and of the brackets that are open on this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from . import keys
from .conducting import LOOP, ON_FLAG
from .tempo import LEADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_KEY = re.compile(r"""\s*(?:- )?\s*(?:"([^"]+)"|'([^']+)'|([^\s:#"'{}\[\],][^:#{}\[\],]*?))\s*:(?:\s|$)""")
_TABLES = frozenset({"parts", "tempo", "repeat", "params"})
"""Keys under which further ones stand."""

_PARTS = ("after", "reads", "from")
_FUNCTIONS = ("tools", "ask", "when", "until", "checks")


class Names(NamedTuple):
    """What the notebook has to offer: each is asked for only as it is wanted."""

    functions: Callable[[], Iterable[str]]
    texts: Callable[[], Iterable[str]]
    """Variables that a script can be: texts, lists and mappings."""
    lists: Callable[[], Iterable[str]]
    """Variables that a section can be over."""
    models: Callable[[], Iterable[str]]


class Place(NamedTuple):
    """Where the cursor is: below which keys, after which (or none: a key is begun), and what was begun."""

    above: tuple[str, ...]
    key: str | None
    fragment: str


def place_of(text: str) -> Place:
    """The place at the end of a text.

    >>> place_of("parts:\\n  coder: {player: script:li")
    Place(above=('parts', 'coder'), key='player', fragment='script:li')
    """
    *before, line = text.split("\n")
    indent = len(line) - len(line.lstrip())
    above: list[str] = []
    for earlier in reversed(before):
        found = _KEY.match(earlier)
        depth = len(earlier) - len(earlier.lstrip())
        if found is not None and earlier.strip() and not earlier.lstrip().startswith("#") and depth < indent:
            above.insert(0, _name(found))
            indent = depth
    key: str | None = None
    rest = line.lstrip()
    if rest.startswith("- "):
        rest = rest[2:]
        key = above.pop() if above and above[-1] not in _TABLES else None
    return _within(tuple(above), key, rest)


def _name(found: re.Match[str]) -> str:
    return next(name for name in found.groups() if name is not None).strip()


def _within(above: tuple[str, ...], key: str | None, rest: str) -> Place:
    """Go into the brackets that are open at the end of a line."""
    opened: list[tuple[tuple[str, ...], str | None, str]] = []
    begun, quote = 0, ""
    for at, letter in enumerate(rest):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'" and not rest[begun:at].strip():
            quote = letter
        elif letter == ":" and key is None and (rest[at + 1 : at + 2] in ("", " ")):
            key, begun = rest[begun:at].strip().strip("\"'"), at + 1
        elif letter in "{[":
            opened.append((above, key, letter))
            if letter == "{":
                above, key = (*above, key) if key is not None else above, None
            begun = at + 1
        elif letter in "]}" and opened:
            above, key, _ = opened.pop()
            begun = at + 1
        elif letter == ",":
            if opened and opened[-1][2] == "{":
                key = None
            begun = at + 1
    return Place(above, key, rest[begun:].lstrip().lstrip("\"'"))


def parts_in(text: str) -> list[str]:
    """The names of the parts that a cell has, as far as its lines tell."""
    found: list[str] = []
    inside, depth = False, None
    for line in text.split("\n"):
        match, indent = _KEY.match(line), len(line) - len(line.lstrip())
        if match is None or line.lstrip().startswith("#"):
            continue
        if indent == 0:
            inside, depth = _name(match) == "parts", None
        elif inside and indent == (depth := indent if depth is None else depth):
            found.append(_name(match))
    return found


def complete(text: str, after: str, names: Names) -> tuple[str, list[str]]:
    """The fragment at the end of `text`, and what it can become. `after` is the rest of the cell."""
    above, key, fragment = place_of(text)
    if key is None:
        wanted = [f"{name}:" for name in sorted(_keys_at(above))]
    else:
        parts = parts_in(text + after)
        own = above[1] if above[:1] == ("parts",) and len(above) > 1 else ""
        wanted = list(_values(above, key, [part for part in parts if part != own], names))
    return fragment, [word for word in wanted if word.startswith(fragment)]


def _keys_at(above: tuple[str, ...]) -> Iterable[str]:
    match above:
        case ():
            return keys.TOP
        case ("tempo",):
            return keys.TEMPO
        case ("parts", _):
            return keys.PART
        case ("parts", _, "repeat"):
            return LOOP
        case _:
            return ()


def _values(above: tuple[str, ...], key: str, parts: list[str], names: Names) -> Iterable[str]:
    if above == ("tempo",):
        return [*LEADS, *parts] if key == "lead" else ()
    if key == "model":
        return names.models()
    if key == "on_flag":
        return ON_FLAG
    if above == () and key == "checks":
        return names.functions()
    if above[:1] != ("parts",) or len(above) < 2:
        return ()
    if key in _PARTS:
        return parts
    if key in _FUNCTIONS or "checks" in above[2:]:
        return names.functions()
    match key:
        case "player" | "understudy":
            functions = [f"python:{name}" for name in names.functions()]
            scripts = [f"script:{name}" for name in names.texts()]
            return [*functions, *scripts, *(["human"] if key == "player" else [])]
        case "each":
            return [*names.lists(), *(f"part/{part}" for part in parts)]
        case "hold" | "reuse":
            return ("true", "false")
        case "enters":
            return ("on-cue",)
        case _:
            return ()
