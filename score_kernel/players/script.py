"""A script: text written beforehand, given in its own pace. Always shown as scripted."""

from __future__ import annotations

import itertools
import json
import math
import re
from typing import TYPE_CHECKING, Any

import yaml
from msgspec import Struct

from ..errors import ConductError
from ..score.events import PlayerRef

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

    from ..score.plan import Part
    from ..score.ports import Clock, Sound
    from ..score.reading import Reading

STEP = 0.05
"""Seconds between two pieces of a text that is spread over time, at the least."""

LARGEST_FILE = 10_000_000
"""Bytes of a script file."""


class Item(Struct, frozen=True, omit_defaults=True):
    """A text, and the seconds it takes (`None`: it is there at once)."""

    text: str = ""
    wait: float | None = None


class ScriptPlayer:
    """Plays what is written for a part in `script`.

    A script is a string, a list, or a mapping from parts to strings or lists. The items of a list
    follow one another with nothing between them:

    - a string is given at once;
    - `{wait: 2, text: "..."}` spreads its text, in words, evenly over two seconds;
    - `{wait: 2}` is a rest of two seconds.

    Raises `ConductError` where the script is not of this form or has nothing for the part.
    """

    def __init__(self, name: str, script: object, part_name: str, clock: Clock) -> None:
        self.name = name
        self._clock = clock
        self._items = items_of(script, part_name, name)

    @property
    def ref(self) -> PlayerRef:
        """The script's name, as scripted."""
        return PlayerRef("script", self.name, scripted=True)

    @property
    def identity(self) -> Mapping[str, Any]:
        """What this part's script says, as canonical JSON."""
        items = [
            item.text if item.wait is None else {"text": item.text, "wait": item.wait} for item in self._items
        ]
        text = json.dumps(items, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {"kind": "script", "text": text}

    async def prepare(self) -> None:
        """Nothing to do: the script was read when the player was made."""

    async def play(self, part: Part, reading: Reading) -> AsyncGenerator[Sound, None]:
        """Yield the items, each in its time."""
        del part, reading
        for item in self._items:
            if item.wait is None:
                yield item.text
                continue
            pieces = _spread(item.text, item.wait)
            for piece in pieces:
                await self._clock.sleep(item.wait / len(pieces))
                yield piece


def read_script(file: Path) -> object:
    """The script in a YAML file, in which every scalar is text.

    Raises `ConductError` for a file that cannot be read, is not UTF-8 or not YAML.
    """
    name = file.name
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ConductError(f"script {name} is larger than {LARGEST_FILE // 1_000_000} MB")
        # BaseLoader makes nothing but strings, lists and mappings: safer still than SafeLoader.
        return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except OSError as error:
        raise ConductError(
            f"script {name} cannot be read: {(error.strerror or str(error)).lower()}"
        ) from None
    except UnicodeDecodeError:
        raise ConductError(f"script {name} is not a text in UTF-8") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise ConductError(f"script {name} is not valid YAML{where}") from None


def items_of(script: object, part: str, name: str) -> tuple[Item, ...]:
    """What the script `name` has for `part`. Raises `ConductError` in one line."""
    if isinstance(script, dict):
        if part not in script:
            known = ", ".join(str(key) for key in script) or "nothing"
            raise ConductError(f"script {name} has nothing for {part}; it has {known}")
        script = script[part]
    if isinstance(script, str):
        return (Item(script),)
    if not isinstance(script, list | tuple):
        raise ConductError(
            f"script {name}: what {part} plays must be a string or a list of strings, not {_kind(script)}"
        )
    return tuple(
        _item(item, f"script {name}: item {number} of {part}") for number, item in enumerate(script, 1)
    )


def _item(item: object, where: str) -> Item:
    if isinstance(item, str):
        return Item(item)
    if not isinstance(item, dict):
        raise ConductError(f"{where} must be a string or {{wait: 2, text: ...}}, not {_kind(item)}")
    if "tool" in item:
        raise ConductError(f"{where}: tools are not there yet")
    unknown = [str(key) for key in item if key not in ("wait", "text")]
    if unknown:
        raise ConductError(f"{where} has an unknown key {unknown[0]!r}; it may have wait and text")
    text = item.get("text", "")
    if not isinstance(text, str):
        raise ConductError(f"{where}: its text must be a string, not {_kind(text)}")
    return Item(text, _seconds(item["wait"], where) if "wait" in item else None)


def _seconds(value: object, where: str) -> float:
    try:
        seconds = (
            float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1.0
        )
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < math.inf:
        raise ConductError(f"{where}: wait must be seconds, such as 2 or 0.5, not {value!r}")
    return seconds


def _spread(text: str, seconds: float) -> list[str]:
    """The text in pieces of whole words, as many as there is time for, and at least one."""
    words = re.findall(r"\s*\S+(?:\s+\Z)?", text) or [text]
    steps = max(1, min(len(words), int(seconds / STEP)))
    edges = [round(step * len(words) / steps) for step in range(steps + 1)]
    return ["".join(words[start:end]) for start, end in itertools.pairwise(edges)]


def _kind(value: object) -> str:
    return {"NoneType": "nothing", "dict": "a mapping", "int": "a number", "float": "a number"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
