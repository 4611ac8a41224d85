"""YAML and Python values as one tree that knows where everything stands.

Both ways into `orchestration.parse` end here, so that a cell and a mapping go through the same
checks. What is wrong is gathered in `Faults` while the tree is read, and the first in reading
order is the one that is raised.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import OrchestrationError
from ..score.text import shortened

MAX_NODES = 50_000
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: `order` in reading, and in YAML the line and column of the cell, from 1."""

    order: int
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `source` is how it was written, without its quotes; `cut`: a comment silently ended it."""

    place: Place
    value: str | int | float | bool | None
    source: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. `source` is how it was written, where that is within one line."""

    place: Place
    items: tuple[Node, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order written. Keys are there once."""

    place: Place
    entries: dict[str, tuple[Scalar, Node]]
    source: str = ""


Node = Scalar | Listing | Table


@dataclass(slots=True)
class Faults:
    """What is wrong, as one line each with its place."""

    found: list[tuple[Place, str | Callable[[], str]]] = field(
        default_factory=list[tuple[Place, "str | Callable[[], str]"]]
    )

    def add(self, place: Place, message: str | Callable[[], str]) -> None:
        """Something is wrong here. A message that takes long to make is given as a function."""
        self.found.append((place, message))

    def raise_first(self) -> None:
        """Raise the first in reading order as `OrchestrationError`, if there is any."""
        if self.found:
            place, message = min(self.found, key=lambda fault: fault[0].order)
            said = message if isinstance(message, str) else message()
            raise OrchestrationError(said, place.line, place.column)


def plain(node: Node) -> Any:
    """The Python value of a node: scalars, lists and dicts with text keys."""
    match node:
        case Scalar():
            return node.value
        case Listing():
            return [plain(item) for item in node.items]
        case Table():
            return {key: plain(value) for key, (_, value) in node.entries.items()}


def quoted(text: str) -> str:
    """A text in double quotes, as YAML (and JSON) reads it back."""
    return json.dumps(text, ensure_ascii=False)


def as_block(key: str, text: str) -> str:
    """The advice to write a text as a literal block, which takes every character as it is."""
    return f"write `{key}: |` and on the next line, indented: {shortened(text)}"


def from_python(value: object, faults: Faults) -> Node:
    """The tree of a Python value made of mappings, lists, tuples and scalars."""
    return _Values(faults).node(value, "this", 0)


class _Values:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._order = 0

    def _place(self) -> Place:
        self._order += 1
        return Place(self._order)

    def node(self, value: object, name: str, depth: int) -> Node:
        place = self._place()
        if depth > MAX_DEPTH or place.order > MAX_NODES:
            raise OrchestrationError("this mapping is too large or contains itself: make it smaller")
        if value is None or isinstance(value, (bool, int, float, str)):
            if isinstance(value, str):
                value = str.__str__(value)  # of an enum, too, its text
            return Scalar(place, value, str(value))
        if isinstance(value, Mapping):
            return Table(place, dict(self._entries(value, depth)))  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(value, (list, tuple)):
            items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
            return Listing(place, tuple(self.node(item, f"an item of {name}", depth + 1) for item in items))
        self._faults.add(
            place, f"{name} is of type {type(value).__name__}: use text, numbers, lists and mappings"
        )
        return Scalar(place, "", "")

    def _entries(self, value: Mapping[object, object], depth: int) -> Any:
        for key, item in value.items():
            place = self._place()
            if not isinstance(key, str) and (isinstance(key, bool) or not isinstance(key, int)):
                self._faults.add(place, f"the key {shortened(repr(key))} is no text: use a str")
            name = str(key)
            yield name, (Scalar(place, name, name), self.node(item, f"`{name}`", depth + 1))
