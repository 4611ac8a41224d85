"""A human as a player."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import PermanentError
from ..score.events import PlayerRef

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from ..score.plan import Part
    from ..score.ports import Sound, Tool, Turn
    from ..score.reading import Reading


class HumanPlayer:
    """Whoever sits at the notebook. The engine holds the part until they have played it (`%%play`)."""

    @property
    def ref(self) -> PlayerRef:
        """You."""
        return PlayerRef("human", "you")

    @property
    def identity(self) -> Mapping[str, Any]:
        """One human is as another: what counts is what they read."""
        return {"kind": "human"}

    async def prepare(self) -> None:
        """Nothing to do."""

    async def play(
        self, part: Part, reading: Reading, turns: Sequence[Turn] = (), tools: Sequence[Tool] = ()
    ) -> AsyncGenerator[Sound, None]:
        """Not asked: nobody can make a human play."""
        del reading, turns, tools
        raise PermanentError(f"{part.name} is played by a human: %%play {part.name}")
        yield ""
