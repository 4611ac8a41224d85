"""Everything of the notebook that a take plays with, bound as it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..score.plan import Part
    from ..score.ports import Form, Player, Predicate, Toolbox


@dataclass(frozen=True)
class Items:
    """The items of a section: each as a text, as it is in the notebook, and what it is called there."""

    texts: Sequence[str]
    values: Sequence[Any]
    labels: Sequence[str | int | float] = ()


@dataclass(frozen=True)
class Cast:
    """Who plays, and what of the notebook they play with.

    `players`, `toolboxes`, `forms` and `items` are by part; `predicates` by name, each with what tells
    it from any other of that name (its source).
    """

    players: Mapping[str, Player]
    toolboxes: Mapping[str, Toolbox] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    items: Mapping[str, Items] = field(default_factory=dict)
    predicates: Mapping[str, tuple[Predicate, str]] = field(default_factory=dict)

    def kit(self, part: Part) -> dict[str, Any]:
        """What more than its words a part works with, as its digest has it (`reading.digest`)."""
        found: dict[str, Any] = {}
        if part.name in self.toolboxes:
            found["tools"] = dict(self.toolboxes[part.name].identity)
            found["max_turns"] = part.max_turns
        if part.name in self.forms:
            found["returns"] = dict(self.forms[part.name].identity)
        return found

    def source(self, predicate: str) -> str:
        """What tells a predicate from any other of its name."""
        return self.predicates[predicate][1]
