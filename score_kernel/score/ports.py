"""The Protocols that the engine is driven through, and what passes through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence

    from .events import Event, PlayerRef
    from .plan import Part
    from .reading import Reading
    from .state import ScoreState


class Usage(Struct, frozen=True):
    """Tokens and price (USD; `None`: unknown) of one request, or what more of them was told later."""

    tokens_in: int
    tokens_out: int
    cost: float | None = None
    estimated: bool = False
    model: str = ""


class Output(Struct, frozen=True):
    """Something else than text that a player brings out: what it printed."""

    printed: str


class Finish(Struct, frozen=True):
    """The provider's word that the contribution is done, and why (`stop`, `length`, ...)."""

    reason: str


Sound = str | Usage | Output | Finish
"""What a player yields: text as it comes (an empty one is a sign of life), and something about it."""


class Player(Protocol):
    """What performs a part.

    `identity` is JSON that tells it from any other player, as the digest needs it: a model's id, a
    function's source, a script's text. `prepare` is awaited once before the take's clock starts, if
    the player will have to play: it loads what is slow to load and raises `ConductError` where it
    could not play at all (a key is missing). `play` yields its text as it comes and ends when the
    contribution is complete; it raises `TransientError` or `PermanentError`, and nothing else that
    it knows of. When it is cancelled it raises on only when it really has let go: until then its
    slot stays taken.
    """

    @property
    def ref(self) -> PlayerRef: ...

    @property
    def identity(self) -> Mapping[str, Any]: ...

    async def prepare(self) -> None: ...

    def play(self, part: Part, reading: Reading) -> AsyncGenerator[Sound, None]: ...


class Log(Protocol):
    """Where events go. Used from one thread only."""

    def append(self, events: Sequence[Event]) -> None:
        """Add events at the end. They are durable after the next `commit`, at the latest."""
        ...

    def commit(self) -> None:
        """Make everything appended so far durable."""
        ...

    def read(self, after: int = 0, upto: int | None = None, take: str | None = None) -> Iterable[Event]:
        """Events with `after < seq <= upto`, oldest first; those of one take only, if one is named."""
        ...

    def save_snapshot(self, state: ScoreState) -> None:
        """Keep this state, the fold of the first `state.seq` events: a short cut, never the truth."""
        ...

    def snapshots(self) -> Iterator[ScoreState]:
        """The snapshots that this version can read, newest first. Each is a copy of its own."""
        ...

    def close(self) -> None: ...


class Clock(Protocol):
    """Time, as given to the engine."""

    def now(self) -> float:
        """Seconds, monotonic."""
        ...

    def wall(self) -> str:
        """The time of day: UTC, ISO 8601, to the second."""
        ...

    async def sleep(self, seconds: float) -> None: ...
