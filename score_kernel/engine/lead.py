"""The part that leads, and what is on a list: pure.

With a part in the lead, that part decides who enters next, and with what note, through two tools.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from ..score.text import code_blocks
from .cast import Items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..score.plan import Plan
    from ..score.state import TakeState

ENTER, FINISH = "enter", "finish"


class LeadTool:
    """A tool of the part that leads, as a model is told of it. The engine itself runs it."""

    def __init__(
        self, name: str, description: str, fields: Mapping[str, str], required: Sequence[str]
    ) -> None:
        self.name = name
        self.description = description
        self.parameters: Mapping[str, Any] = {
            "type": "object",
            "properties": {key: {"type": "string", "description": what} for key, what in fields.items()},
            "required": list(required),
        }

    async def run(self, arguments: str) -> str:
        """Not called: what it does is up to the engine."""
        raise NotImplementedError(self.name)


LEADS = (
    LeadTool(
        ENTER,
        "Let a part enter now. All that you let in play together; you decide again when they have played.",
        {"part": "the name of the part", "note": "what to tell it, if anything"},
        ["part"],
    ),
    LeadTool(
        FINISH,
        "The piece is complete: nobody else enters.",
        {"summary": "what came of it, in a sentence"},
        [],
    ),
)


def roster(plan: Plan, leader: str) -> dict[str, str]:
    """Whom the leader can let in, and what each is for."""
    return {part.name: part.task or part.goal or part.role for part in plan if part.name != leader}


def told(take: TakeState) -> str:
    """What the part that leads is told: who there is, and how far they are."""
    lines = [
        "# You lead",
        "You decide who enters next: call `enter` for each part that is to play now, with a note if it "
        "needs one, or `finish` if the piece is complete. You are asked again when they have played.",
    ]
    for name, what in roster(take.plan, take.tempo.lead).items():
        tally = take.tally.get(name, {})
        how = ", ".join(tally) or "waiting"
        part = take.plan[name]
        after = f"; only after {', '.join(part.waits)}" if part.waits else ""
        lines.append(f"- {name} ({how}{after}): {' '.join(what.split())}")
    return "\n\n".join([*lines[:2], "\n".join(lines[2:])])


def items_of(value: object) -> Items:
    """The items on a list that a part returned: a list, a mapping, or something with one list in it; of a
    text, the JSON that it is or has in a fenced block. Raises `ValueError` in a few words."""
    if hasattr(value, "model_dump"):
        value = cast("Any", value).model_dump(mode="json")
    if isinstance(value, str):
        value = _json(value)
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        lists = [inner for inner in table.values() if isinstance(inner, list)]
        if len(lists) == 1:
            value = lists[0]
        else:
            return Items([text_of(v) for v in table.values()], list(table.values()), list(table))
    if not isinstance(value, list | tuple):
        raise ValueError(f"it is of type {type(value).__name__}; write it as a JSON list")
    return listed(cast("Sequence[Any]", value))


def listed(values: Sequence[Any]) -> Items:
    """A list as items."""
    return Items([text_of(value) for value in values], values)


def text_of(value: object) -> str:
    """An item as the text that is read: a text as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=None, default=str)


def _json(text: str) -> Any:
    for candidate in (text, *code_blocks(text)):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    raise ValueError("it holds no JSON list")
