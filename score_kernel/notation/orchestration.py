"""The orchestration: YAML, or a mapping, to a plan that has been checked to its last word.

Everything that can be known before anything plays is checked here. The tree is read once, faults
are gathered with their places, and the first in reading order is raised.
"""

from __future__ import annotations

import functools
import keyword
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OrchestrationError
from ..score.plan import RESERVED_NAMES, Part, Plan, Tempo
from ..score.text import shortened
from . import conducting, fields, players, tempo, yaml_reader
from .nearest import nearest, suggestion
from .tree import Faults, Node, Place, Scalar, Table, from_python, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = "parts: {coder: {task: Write the function}}"

_TOP = frozenset({"model", "parts", "tempo", "checks", "on_flag"})
_PART = frozenset(
    {"role", "goal", "backstory", "task", "expects", "model", "params", "player", "understudy"}
    | {"after", "reads", "retries", "timeout", "stall", "reuse"}
    | {
        "tools",
        "ask",
        "max_turns",
        "returns",
        "each",
        "when",
        "repeat",
        "checks",
        "on_flag",
        "hold",
        "enters",
    }
)

_TEMPO = frozenset(tempo.KEYS)

# what the same thing is called in crews, graphs and pipelines
_SYNONYMS = {
    "agents": "parts",
    "tasks": "parts",
    "steps": "parts",
    "prompt": "task",
    "instructions": "task",
    "description": "task",
    "expected_output": "expects",
    "output": "expects",
    "llm": "model",
    "context": "after",
    "depends_on": "after",
    "needs": "after",
    "inputs": "reads",
    "function": "player",
    "python": "player",
    "fallback": "understudy",
    "max_retries": "retries",
    "parallel": "at_once",
    "concurrency": "at_once",
    "max_parallel": "at_once",
    "human_input": "hold",
    "functions": "tools",
    "max_iter": "max_turns",
    "condition": "when",
    "if": "when",
    "loop": "repeat",
    "guardrail": "checks",
    "output_pydantic": "returns",
    "response_format": "returns",
    "for_each": "each",
    "foreach": "each",
    "rpm": "rate",
    "max_rpm": "rate",
    "timeout": "deadline",
}


def parse(
    source: str | Mapping[str, Any],
    lookup: Callable[[str], object],
    *,
    first_line: int = 2,
    folder: Path | None = None,
) -> Plan:
    """The plan that a cell's YAML, or a mapping of the same shape, describes.

    `lookup` gives the notebook's object of a name and raises `KeyError` where there is none.
    `first_line` is the line of the cell that the YAML starts in (the magic's own is line 1).
    Scripts that are files are looked for in `folder`, by default the working directory.

    Raises `OrchestrationError`, one line that tells what to write instead, with line and column
    where the source is text. In a mapping, a key whose value is `None` counts as not given.

    >>> plan = parse("parts: {coder: {task: Write it}, tester: {after: [coder]}}", {}.__getitem__)
    >>> plan["tester"].after
    ('coder',)
    """
    faults = Faults()
    if isinstance(source, str):
        root = yaml_reader.read(source, faults, first_line=first_line)
    elif isinstance(source, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        root = from_python(source, faults)
    else:
        raise OrchestrationError(
            f"a plan is YAML text or a mapping, not {type(source).__name__}: write for example {EXAMPLE}"
        )
    if root is None:
        raise OrchestrationError(f"the cell is empty: write for example `{EXAMPLE}`")
    plan = _Orchestration(lookup, Path.cwd() if folder is None else folder, faults).plan(root)
    faults.raise_first()
    return plan


class _Orchestration:
    def __init__(self, lookup: Callable[[str], object], folder: Path, faults: Faults) -> None:
        self._lookup, self._folder, self._faults = lookup, folder, faults
        self._names: dict[str, None] = {}  # in order
        self._afters: dict[str, Place] = {}
        self._reads: dict[str, list[tuple[Place, str]]] = {}
        self._loops: dict[str, Place] = {}

    def plan(self, root: Node) -> Plan:
        if not isinstance(root, Table):
            self._faults.add(root.place, f"a plan is a mapping: write for example `{EXAMPLE}`")
            return Plan()
        given = dict(self._given(root, _TOP))
        model, at_once, checks = given.get("model"), given.get("tempo"), given.get("checks")
        flagged = conducting.on_flag(given["on_flag"], self._faults) if "on_flag" in given else None
        plan = Plan(
            parts=self._parts(root, given.get("parts")),
            model=None if model is None else fields.model(model, "model", self._faults),
            tempo=Tempo() if at_once is None else self._tempo(at_once),
            checks=() if checks is None else conducting.checks(checks, self._lookup, self._faults),
            on_flag=flagged or "show",  # pyright: ignore[reportArgumentType]
        )
        self._check_cycle(plan)
        if not plan.cycle():
            conducting.check_loops(plan, self._loops, self._faults)
        for name, reads in self._reads.items():
            self._check_reads(plan, name, reads)
        return plan

    def _given(self, table: Table, keys: frozenset[str]) -> Iterator[tuple[str, Node]]:
        """The known keys of a mapping. The others are at fault, by what they are."""
        for key, (at, value) in table.entries.items():
            if key not in keys:
                self._faults.add(at.place, functools.partial(self._unknown, key, value, keys))
            elif at.place.line is not None or not (isinstance(value, Scalar) and value.value is None):
                yield key, value

    def _unknown(self, key: str, value: Node, keys: frozenset[str]) -> str:
        found = nearest(key, sorted(keys), _SYNONYMS)
        if keys is _TOP and key in _PART:
            hint = "it belongs to a part, so indent it under one"
        elif keys is _TOP and isinstance(value, Table) and not _PART.isdisjoint(value.entries):
            hint = "if it is a part, indent it under `parts:`"
        elif found is not None:
            hint = f"did you mean `{found}`?"
        else:
            hint = f"choose from {', '.join(sorted(keys))}"
        return f"`{shortened(key)}` is no key here: {hint}"

    # Parts --------------------------------------------------------------------------------

    def _parts(self, root: Table, node: Node | None) -> tuple[Part, ...]:
        if node is None:
            self._faults.add(
                Place(10**9, root.place.line, root.place.column),
                f"there are no parts: write for example `{EXAMPLE}`",
            )
            return ()
        if not isinstance(node, Table) or not node.entries:
            said = "`parts` is a mapping from names to parts"
            if isinstance(node, Table) or (isinstance(node, Scalar) and node.value is None):
                said = "`parts` is empty"
            self._faults.add(node.place, f"{said}: write for example `{EXAMPLE}`")
            return ()
        self._names = dict.fromkeys(node.entries)
        return tuple(self._part(name, key.place, value) for name, (key, value) in node.entries.items())

    def _part(self, name: str, place: Place, node: Node) -> Part:
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
        found: dict[str, Any] = {}
        for key, value in self._given(node, _PART):
            read = self._field(name, key, value)
            if read is not None:
                found[key] = read
        if "ask" in node.entries:
            found["ask"] = conducting.ask(node.entries["ask"][1], found.get("tools", ()), self._faults)
        if found.get("tools") and str(found.get("player", "")).partition(":")[0] in ("python", "human"):
            self._faults.add(
                node.entries["tools"][0].place,
                "`tools` are for models and scripts: a function calls what it likes, so delete them",
            )
        if "model" in node.entries and "player" in node.entries:
            later = max((node.entries[key][0].place for key in ("model", "player")), key=lambda at: at.order)
            self._faults.add(
                later, "`model` beside `player`: one of them plays the part, so delete the other"
            )
        return Part(name, **found)

    def _field(self, name: str, key: str, node: Node) -> Any:
        faults = self._faults
        match key:
            case "model":
                return fields.model(node, key, faults)
            case "params":
                return fields.params(node, key, faults)
            case "player" | "understudy":
                return self._player(name, key, node)
            case "after":
                self._afters[name] = node.place
                return tuple(self._part_named(at, word) for at, word in fields.names(node, key, faults))
            case "reads":
                self._reads[name] = fields.names(node, key, faults)
                return tuple(word for _, word in self._reads[name])
            case "tools":
                return conducting.tools(node, key, self._lookup, faults)
            case "ask":
                return None  # read when the tools are known
            case "max_turns":
                return fields.whole_number(node, key, faults, 1, 1000)
            case "returns":
                return conducting.returns(node, self._lookup, faults)
            case "each":
                self._afters.setdefault(name, node.place)
                return conducting.each(node, name, self._names, self._lookup, faults)
            case "when":
                return conducting.predicate(node, key, self._lookup, faults)
            case "repeat":
                found = conducting.repeat(node, name, self._names, self._lookup, faults)
                if found is not None:
                    self._loops[name] = found[1]
                return None if found is None else found[0]
            case "checks":
                return conducting.checks(node, self._lookup, faults)
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

    def _part_named(self, place: Place, word: str) -> str:
        if word not in self._names:
            self._faults.add(place, lambda: self._no_part(word))
        return word

    def _no_part(self, word: str) -> str:
        hint = suggestion(word.removeprefix("part/"), self._names)
        return f"there is no part {quoted(shortened(word, 40))}: {hint}"

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

    # What depends on what -----------------------------------------------------------------

    def _check_cycle(self, plan: Plan) -> None:
        cycle = plan.cycle()
        if cycle is not None:
            first = next(name for name in plan.names if name in cycle and name in self._afters)
            along = cycle if len(cycle) < 12 else (*cycle[:10], "...", cycle[-1])
            said = f"these wait for each other, {' -> '.join(along)}: take one of them out of `after`"
            if len(cycle) == 2:
                said = f"{first} waits for itself: take it out of its `after`"
            self._faults.add(self._afters[first], said)

    def _check_reads(self, plan: Plan, name: str, reads: list[tuple[Place, str]]) -> None:
        before = plan.ancestors(name)
        for place, word in reads:
            kind, _, what = word.partition("/")
            shown = quoted(shortened(word, 40))
            if word in ("intent", "criteria") or (kind == "material" and what):
                continue
            if kind == "part" and what in self._names:
                if what == name:
                    self._faults.add(place, f"{name} cannot read itself: take {shown} out of `reads`")
                elif what not in before:
                    self._faults.add(
                        place,
                        f"{name} does not wait for {what}: add {what} to its `after`, "
                        f"or take {shown} out of `reads`",
                    )
            elif kind == "part" and what:
                self._faults.add(place, functools.partial(self._no_part, what))
            elif kind in ("note", "notes"):
                self._faults.add(place, f"notes are always read: take {shown} out of `reads`")
            else:
                self._faults.add(place, functools.partial(self._unknown_entry, word, shown))

    def _unknown_entry(self, word: str, shown: str) -> str:
        if word in self._names:
            return f"{shown} is a part: write `part/{word}`"
        if word in ("material", "materials"):
            return "name each material: write `material/NAME`"
        entries = ["intent", "criteria", *(f"part/{name}" for name in self._names)]
        hint = suggestion(word, entries)
        if hint.startswith("there"):
            hint = (
                f"write intent, criteria, part/NAME, or `material/{shortened(word, 40)}` if it is a material"
            )
        return f"{shown} is no entry: {hint}"

    # Tempo --------------------------------------------------------------------------------

    def _tempo(self, node: Node) -> Tempo:
        if not isinstance(node, Table):
            self._faults.add(node.place, "`tempo` is a mapping: write for example `tempo: {at_once: 4}`")
            return Tempo()
        return tempo.tempo(self._given(node, _TEMPO), self._names, self._faults)
