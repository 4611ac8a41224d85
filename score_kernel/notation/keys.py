"""The keys of an orchestration, and what is probably meant by any other word."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ..score.text import shortened
from . import tempo
from .nearest import nearest
from .tree import Scalar, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tree import Faults, Node

TOP = frozenset({"model", "parts", "tempo", "checks", "on_flag"})
PART = frozenset(
    {"role", "goal", "backstory", "task", "expects", "model", "params", "player", "understudy"}
    | {"after", "reads", "tools", "ask", "max_turns", "returns", "each", "when", "repeat"}
    | {"checks", "on_flag", "hold", "enters", "retries", "timeout", "stall", "reuse"}
)
TEMPO = frozenset(tempo.KEYS)

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


def given(table: Table, keys: frozenset[str], faults: Faults) -> Iterator[tuple[str, Node]]:
    """The known keys of a mapping, with their values. The others are at fault, by what they are.

    In a mapping of Python a value of `None` is one that is not given.
    """
    for key, (at, value) in table.entries.items():
        if key not in keys:
            faults.add(at.place, functools.partial(_unknown, key, value, keys))
        elif at.place.line is not None or not (isinstance(value, Scalar) and value.value is None):
            yield key, value


def _unknown(key: str, value: Node, keys: frozenset[str]) -> str:
    found = nearest(key, sorted(keys), _SYNONYMS)
    if keys is TOP and key in PART:
        hint = "it belongs to a part, so indent it under one"
    elif keys is TOP and isinstance(value, Table) and not PART.isdisjoint(value.entries):
        hint = "if it is a part, indent it under `parts:`"
    elif found is not None:
        hint = f"did you mean `{found}`?"
    else:
        hint = f"choose from {', '.join(sorted(keys))}"
    return f"`{shortened(key)}` is no key here: {hint}"
