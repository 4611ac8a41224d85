"""A script: text written beforehand, given in its own pace. Always shown as scripted."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any

from ..score.events import Call, PlayerRef
from ..score.ports import ToolCalls

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

    from ..score.plan import Part
    from ..score.ports import Clock, Sound, Tool, Turn
    from ..score.reading import Reading
    from ..score.script import Item

STEP = 0.05
"""Seconds between two pieces of a text that is spread over time, at the least."""


class ScriptPlayer:
    """Plays the `items` that the script `name` has for its part.

    - a text is given at once;
    - `{wait: 2, text: "..."}` spreads its text, in words, evenly over two seconds;
    - `{wait: 2}` is a rest of two seconds;
    - `{tool: NAME, args: {...}}` calls a tool; what follows is played when that has returned.
    """

    def __init__(self, name: str, items: Iterable[Item], clock: Clock) -> None:
        self.name = name
        self._items = tuple(items)
        self._clock = clock

    @property
    def ref(self) -> PlayerRef:
        """The script's name, as scripted."""
        return PlayerRef("script", self.name, scripted=True)

    @property
    def identity(self) -> Mapping[str, Any]:
        """What this part's script says, as canonical JSON."""
        items = [_as_json(item) for item in self._items]
        text = json.dumps(items, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {"kind": "script", "text": text}

    async def prepare(self) -> None:
        """Nothing to do: the script was read when the player was made."""

    async def play(
        self, part: Part, reading: Reading, turns: Sequence[Turn] = (), tools: Sequence[Tool] = ()
    ) -> AsyncGenerator[Sound, None]:
        """Yield the items, each in its time, up to the next tool; the `turns` tell how far it had come.

        A script cannot mend what it said: asked to, it says it again.
        """
        del part, reading, tools
        called = sum(bool(turn.calls) for turn in turns)
        for item in self._after(called):
            if item.tool:
                yield ToolCalls((Call(f"call_{called + 1}", item.tool, item.args),))
                return
            if item.wait is None:
                yield item.text
                continue
            pieces = _spread(item.text, item.wait)
            for piece in pieces:
                await self._clock.sleep(item.wait / len(pieces))
                yield piece

    def _after(self, called: int) -> Iterable[Item]:
        """The items after that many tools."""
        calls = [n for n, item in enumerate(self._items) if item.tool]
        return self._items[calls[called - 1] + 1 :] if 0 < called <= len(calls) else self._items


def _as_json(item: Item) -> Any:
    if item.tool:
        return {"tool": item.tool, "args": item.args}
    return item.text if item.wait is None else {"text": item.text, "wait": item.wait}


def _spread(text: str, seconds: float) -> list[str]:
    """The text in pieces of whole words, as many as there is time for, and at least one."""
    words = re.findall(r"\s*\S+(?:\s+\Z)?", text) or [text]
    steps = max(1, min(len(words), int(seconds / STEP)))
    edges = [round(step * len(words) / steps) for step in range(steps + 1)]
    return ["".join(words[start:end]) for start, end in itertools.pairwise(edges)]
