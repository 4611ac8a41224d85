"""Playing a player to its end, outside of any performance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from score_kernel.errors import PlayerError
from score_kernel.players.model import ModelPlayer
from score_kernel.score.events import Message, Read
from score_kernel.score.plan import Part
from score_kernel.score.ports import Finish, Output, ToolCalls, Turn, Usage
from score_kernel.score.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from score_kernel.score.events import Call
    from score_kernel.score.ports import Player, Sound, Tool

READING = Reading(
    part="coder",
    reads=((Read("intent", 1), "Say hello."),),
    rendered=(Message("system", ("You are coder.",)), Message("user", (Read("intent", 1),))),
    digest="0" * 64,
)


@dataclass(frozen=True)
class Offered:
    """A tool as a player sees it. Players run none."""

    name: str
    description: str = "What it does."
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})

    async def run(self, arguments: str) -> str:
        raise AssertionError(f"a player ran {self.name} with {arguments}")


MODELS = {"openai": "openai/gpt-4o", "anthropic": "anthropic/claude-sonnet-4-5"}


@dataclass
class Heard:
    """All that a player brought out, and how it ended."""

    sounds: list[Sound] = field(default_factory=list["Sound"])
    error: PlayerError | None = None

    @property
    def text(self) -> str:
        return "".join(sound for sound in self.sounds if isinstance(sound, str))

    @property
    def printed(self) -> str:
        return "".join(sound.printed for sound in self.sounds if isinstance(sound, Output))

    @property
    def usage(self) -> Usage | None:
        """All that was told of it, together."""
        told = [sound for sound in self.sounds if isinstance(sound, Usage)]
        if not told:
            return None
        costs = [usage.cost for usage in told if usage.cost is not None]
        return Usage(
            sum(usage.tokens_in for usage in told),
            sum(usage.tokens_out for usage in told),
            sum(costs) if costs else None,
            any(usage.estimated for usage in told),
            told[-1].model,
        )

    @property
    def finish(self) -> str | None:
        return next((sound.reason for sound in self.sounds if isinstance(sound, Finish)), None)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that it ended with. They are the last that is heard, and there is no finish beside them."""
        found = [sound for sound in self.sounds if isinstance(sound, ToolCalls)]
        if not found:
            return ()
        assert found == [self.sounds[-1]]
        assert self.finish is None
        return found[0].calls

    @property
    def how(self) -> str:
        """`played`, or the reason why not."""
        return self.error.reason if self.error is not None else "played"


async def hear(
    player: Player,
    part: Part | None = None,
    turns: Sequence[Turn] = (),
    tools: Sequence[Tool] = (),
    reading: Reading = READING,
) -> Heard:
    """Play to the end. Only errors of players end it otherwise."""
    heard = Heard()
    try:
        async for sound in player.play(part or Part("coder"), reading, turns, tools):
            heard.sounds.append(sound)
    except PlayerError as error:
        heard.error = error
    return heard


async def ask(
    form: str,
    base: str,
    *,
    turns: Sequence[Turn] = (),
    tools: Sequence[Tool] = (),
    reading: Reading = READING,
    **params: object,
) -> Heard:
    """A model of that form at that address, prepared and played."""
    part = Part("coder", params={"api_base": base, **params})
    player = ModelPlayer(MODELS[form], part)
    await player.prepare()
    return await hear(player, part, turns, tools, reading)
