"""The parts of an orchestration, one by one: their names, and each key of them."""

from __future__ import annotations

import functools
import keyword
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from ..score.plan import RESERVED_NAMES, Part
from ..score.text import shortened
from . import conducting, dependencies, fields, keys, players
from .tree import Scalar, Table, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .dependencies import Ties
    from .tree import Faults, Node, Place

EXAMPLE = "parts: {coder: {task: Write the function}}"


def read(
    node: Table, lookup: Callable[[str], object], folder: Path, ties: Ties, faults: Faults
) -> tuple[Part, ...]:
    """The parts of a plan, in the order they are written.

    Where they name each other goes to `ties`, to be checked when all are known; what is wrong with one
    alone goes to `faults`.
    """
    reader = _Parts(dict.fromkeys(node.entries), lookup, folder, ties, faults)
    return tuple(reader.part(name, key.place, value) for name, (key, value) in node.entries.items())


class _Parts:
    def __init__(
        self,
        names: Mapping[str, None],
        lookup: Callable[[str], object],
        folder: Path,
        ties: Ties,
        faults: Faults,
    ) -> None:
        self._names, self._lookup, self._folder = names, lookup, folder
        self._ties, self._faults = ties, faults

    def part(self, name: str, place: Place, node: Node) -> Part:
        self._check_name(name, place)
        if isinstance(node, Scalar) and node.value is None:
            return Part(name)  # the name may say it all
        if not isinstance(node, Table):
            said = f"task: {node.source}" if isinstance(node, Scalar) else "task: Write the function"
            self._faults.add(
                node.place,
                f"a part is a mapping: write `{shortened(name, 30)}:` and on the next line, indented: "
                f"{shortened(said)}",
            )
            return Part(name)
        given = dict(keys.given(node, keys.PART, self._faults))
        found: dict[str, Any] = {}
        for key, value in given.items():
            field = self._field(name, key, value, given)
            if field is not None:
                found[key] = field
        self._check_players(node, given, found)
        return Part(name, **found)

    def _field(self, name: str, key: str, node: Node, given: Mapping[str, Node]) -> Any:
        faults, lookup = self._faults, self._lookup
        match key:
            case "model":
                return fields.model(node, key, faults)
            case "params":
                return fields.params(node, key, faults)
            case "player" | "understudy":
                return self._player(name, key, node)
            case "after":
                return self._after(name, node)
            case "reads":
                self._ties.reads[name] = fields.names(node, key, faults)
                return tuple(word for _, word in self._ties.reads[name])
            case "tools":
                self._ties.tools[name] = node.place
                return conducting.tools(node, lookup, faults)
            case "ask":
                return conducting.ask(node, given.get("tools"), faults)
            case "max_turns":
                return fields.whole_number(node, key, faults, 1, 1000)
            case "returns":
                return conducting.returns(node, lookup, faults)
            case "each":
                return self._each(name, node)
            case "when":
                return conducting.predicate(node, key, lookup, faults)
            case "repeat":
                return self._repeat(name, node)
            case "checks":
                return conducting.checks(node, lookup, faults)
            case "on_flag":
                return conducting.on_flag(node, faults)
            case "enters":
                return conducting.enters(node, faults)
            case "retries":
                return fields.whole_number(node, key, faults, 0, 100)
            case "timeout" | "stall":
                return fields.seconds(node, key, faults)
            case "reuse" | "hold":
                return fields.flag(node, key, faults)
            case _:
                return fields.text(node, key, faults)

    def _after(self, name: str, node: Node) -> tuple[str, ...]:
        words = fields.names(node, "after", self._faults)
        for place, word in words:
            if word not in self._names:
                self._faults.add(place, functools.partial(dependencies.no_part, word, self._names))
            self._ties.waits.setdefault(name, {})[word] = place
        return tuple(word for _, word in words)

    def _each(self, name: str, node: Node) -> str | None:
        found = conducting.each(node, name, self._names, self._lookup, self._faults)
        source = Part(name, each=found).source
        if source:
            self._ties.waits.setdefault(name, {}).setdefault(source, node.place)
        return found

    def _repeat(self, name: str, node: Node) -> Any:
        found = conducting.repeat(node, name, self._names, self._lookup, self._faults)
        if found is None:
            return None
        repeat, self._ties.loops[name] = found
        return repeat

    def _player(self, part: str, key: str, node: Node) -> str | None:
        written = fields.text(node, key, self._faults)
        if written is None:
            return None
        find_problem = players.problem if key == "player" else players.problem_of_understudy
        problem = find_problem(written, part, self._lookup, self._folder)
        if problem:
            self._faults.add(node.place, problem)
            return None
        return ":".join(word for word in players.split(written) if word)

    def _check_players(self, node: Table, given: Mapping[str, Node], found: Mapping[str, Any]) -> None:
        kind = players.split(found.get("player", ""))[0]
        if kind in ("python", "human") and "tools" in given:
            why = "a function calls what it likes" if kind == "python" else "a human needs none"
            self._faults.add(
                node.entries["tools"][0].place,
                f"`tools` are for models and scripts: {why}, so delete them",
            )
        if "model" in given and "player" in given:
            later = max((node.entries[key][0].place for key in ("model", "player")), key=lambda at: at.order)
            self._faults.add(
                later, "`model` beside `player`: one of them plays the part, so delete the other"
            )

    def _check_name(self, name: str, place: Place) -> None:
        shown = quoted(shortened(name, 40))
        usable = re.sub(r"\W", "_", unicodedata.normalize("NFKC", name.strip()))
        usable = f"part_{usable}" if not usable.isidentifier() or keyword.iskeyword(usable) else usable
        usable = shortened(usable, 40)
        if name in RESERVED_NAMES:
            self._faults.add(
                place,
                f"{shown} is a word of the language: name the part otherwise, for example `{name}_part`",
            )
        elif keyword.iskeyword(name):
            self._faults.add(
                place, f"{shown} is a word of Python: name the part otherwise, for example `{usable}`"
            )
        elif not name.isidentifier() or name != unicodedata.normalize("NFKC", name):
            self._faults.add(
                place, f"{shown} is no name for a part, letters, digits and _: write for example `{usable}`"
            )
