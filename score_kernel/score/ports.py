"""The Protocols that the engine is driven through, and what passes through them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence

    from .events import Call, Event, PlayerRef
    from .plan import Part
    from .reading import Reading
    from .state import ScoreState


PRINTS: ContextVar[Callable[[str], None] | None] = ContextVar("score_kernel_prints", default=None)
"""Who hears what is printed by the functions that are called from here. To be called on the loop's thread."""


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


class ToolCalls(Struct, frozen=True):
    """The player ends its turn and asks for tools. Each call has arrived whole."""

    calls: tuple[Call, ...]


Sound = str | Usage | Output | Finish | ToolCalls
"""What a player yields: text as it comes (an empty one is a sign of life), and something about it."""


class Turn(Struct, frozen=True):
    """What went before in a contribution: the text, the calls with what each tool returned, and what was
    said to it (`say`) where it has to answer once more."""

    text: str
    calls: tuple[Call, ...] = ()
    results: tuple[str, ...] = ()
    say: str = ""


class Tool(Protocol):
    """A tool as a part is offered it.

    `name` is what a model calls it by, `description` and `parameters` (a JSON schema) what it is told
    of it. `run` is awaited with the arguments as JSON text and gives what the tool returned, as text;
    whatever it raises is told to the model as the tool's result.
    """

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...

    async def run(self, arguments: str) -> str: ...


class Toolbox(Protocol):
    """The tools of one part.

    `identity` tells them from any others, as the digest needs it: each name as it is written in the
    plan, with the source where it is a function of the notebook. `open` is awaited before the first
    turn that may call one (and before the take's clock starts, if the part will have to play): it
    connects to servers where there are any, and raises `ConductError` where a tool is not to be had.
    `asks` says whether each call of the tool of that (model-facing) name waits for the conductor's yes.
    """

    @property
    def identity(self) -> Mapping[str, Any]: ...

    async def open(self) -> Sequence[Tool]: ...

    def asks(self, name: str) -> bool: ...


class Predicate(Protocol):
    """A predicate of the notebook, bound as the take starts: yes, or no and the reason it gave.

    Whatever it raises comes through.
    """

    async def __call__(self, subject: object) -> tuple[bool, str]: ...


class Form(Protocol):
    """The form that a part's contribution is to have (`returns`).

    `identity` is its JSON schema, which the digest holds. `read` gives the value of a text, and raises
    `ValueError`, with what to mend, where it is not of that form.
    """

    @property
    def identity(self) -> Mapping[str, Any]: ...

    def read(self, text: str) -> Any: ...


class Player(Protocol):
    """What performs a part.

    `identity` is JSON that tells it from any other player, as the digest needs it: a model's id, a
    function's source, a script's text. `prepare` is awaited once before the take's clock starts, if
    the player will have to play: it loads what is slow to load and raises `ConductError` where it
    could not play at all (a key is missing). `play` is one request: it yields its text as it comes and
    ends when the contribution is complete, or with `ToolCalls`, and then is asked again with the
    `turns` so far. It raises `TransientError` or `PermanentError`, and nothing else that it knows of.
    When it is cancelled it raises on only when it really has let go: until then its slot stays taken.
    """

    @property
    def ref(self) -> PlayerRef: ...

    @property
    def identity(self) -> Mapping[str, Any]: ...

    async def prepare(self) -> None: ...

    def play(
        self,
        part: Part,
        reading: Reading,
        turns: Sequence[Turn] = (),
        tools: Sequence[Tool] = (),
    ) -> AsyncGenerator[Sound, None]: ...


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
