"""What a script says for a part: text written beforehand, in its own pace.

A script is a text, a list of items, or a mapping from part to one of those. An item is a text,
`{wait: SECONDS, text: TEXT}`, a rest, `{wait: SECONDS}`, or a call of a tool, `{tool: NAME, args: {...}}`.
The items of a list follow one another with nothing between them.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from .text import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

FORM = "a script is a text, a list of texts and {wait: 2, text: ...} items, or a mapping from part to those"


class Item(Struct, frozen=True):
    """A text, and the seconds it takes (`None`: it is there at once); or a `tool`, with `args` as JSON."""

    text: str = ""
    wait: float | None = None
    tool: str = ""
    args: str = ""


class ScriptError(Exception):
    """There is no such script, or it cannot be played: one line that says what to write instead.

    Where it is a `word` that is wrong, `words` are those that would be right.
    """

    def __init__(self, message: str, word: str = "", words: Iterable[str] = ()) -> None:
        self.word, self.words = word, tuple(words)
        super().__init__(message)


def items_of(script: object, part: str, name: str) -> tuple[Item, ...]:
    """What the script has for `part`; `name` is what it is called in messages.

    Raises `ScriptError` where it is not of that form, or has nothing for the part.

    >>> [item.text for item in items_of({"coder": ["Hel", {"wait": 2, "text": "lo"}]}, "coder", "lines")]
    ['Hel', 'lo']
    """
    name = shortened(name)
    if isinstance(script, dict):
        of_parts = cast("dict[object, object]", script)
        if part not in of_parts:
            known = [shortened(str(key)) for key in of_parts]
            raise ScriptError(f"the script `{name}` has no lines for `{part}`: add them", part, known)
        script = of_parts[part]
        name = f"{name}[{part}]"
    if isinstance(script, str):
        return (Item(script),)
    if isinstance(script, list | tuple):
        listed = cast("list[object] | tuple[object, ...]", script)
        return tuple(_item(item, f"{name}[{number}]") for number, item in enumerate(listed))
    raise _misfit(script, name)


def _item(item: object, name: str) -> Item:
    if isinstance(item, str):
        return Item(item)
    if not isinstance(item, dict):
        raise _misfit(item, name)
    fields = cast("dict[object, object]", item)
    for key in fields:
        if key not in ("wait", "text", "tool", "args"):
            word = shortened(str(key))
            raise ScriptError(f"`{word}` is no key of `{name}`", word, ("wait", "text", "tool", "args"))
    if not fields:
        raise ScriptError(f"`{name}` is empty: write {{wait: 2, text: ...}}")
    if "tool" in fields or "args" in fields:
        return _call(cast("dict[str, object]", fields), name)
    text = fields.get("text", "")
    if not isinstance(text, str):
        raise ScriptError(
            f"the text of `{name}` is of type {type(text).__name__}: write {{wait: 2, text: ...}}"
        )
    return Item(text, _seconds(fields["wait"], name) if "wait" in fields else None)


def _call(fields: dict[str, object], name: str) -> Item:
    tool, args = fields.get("tool"), fields.get("args", {})
    form = "write {tool: search, args: {query: ...}}"
    if not isinstance(tool, str) or not tool:
        raise ScriptError(f"`{name}` calls no tool: {form}")
    if not isinstance(args, dict) or not fields.keys() <= {"tool", "args"}:
        raise ScriptError(
            f"`{name}` is a call of a tool, with `args` that are a mapping, and no text: {form}"
        )
    try:
        written = json.dumps(args, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        reason = shortened(str(error))
        raise ScriptError(f"the args of `{name}` cannot be written as JSON: {reason}") from None
    return Item(tool=tool, args=written)


def _seconds(value: object, name: str) -> float:
    try:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            seconds = float(value)
            if 0 <= seconds < math.inf:
                return seconds
    except (ValueError, OverflowError):
        pass
    raise ScriptError(f"the wait of `{name}` is in seconds, 0 or more: write {{wait: 2, text: ...}}")


def _misfit(value: object, name: str) -> ScriptError:
    return ScriptError(f"`{name}` is of type {type(value).__name__}: {FORM}")
