"""A Python function of the notebook as a player."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import inspect
import re
import textwrap
import traceback
from collections import deque
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from ..errors import PermanentError, PlayerError
from ..score.events import PlayerRef
from ..score.ports import Output
from .calling import call_of, end_of, in_thread, is_async
from .failures import without_keys
from .printing import hearing, relayed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from ..score.plan import Part
    from ..score.ports import Sound, Tool, Turn
    from ..score.reading import Reading

_HERE = str(Path(__file__).parent)
_SPOKEN = object()


class PythonPlayer:
    """A function that is called with the reading and answers with text.

    It may be sync (it then runs in a worker thread, in a copy of this context), async, a generator
    or an async generator of text. What it prints goes to its contribution. What it raises fails the
    contribution as `PermanentError`, with its traceback; a `TransientError` or `PermanentError` of
    its own goes through as it is, so a function may ask for another try. A sync function cannot be
    cut: cancelling waits until it has returned (a generator: until its next text), and drops what
    it returned.

    The function is bound here, when the player is made: defining it anew changes nothing in a
    performance that has begun.

    >>> PythonPlayer("shout", lambda reading: reading.intent.upper())   # doctest: +SKIP
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self._function = function
        self._source = source_of(function)

    @property
    def ref(self) -> PlayerRef:
        """The function's name."""
        return PlayerRef("python", self.name)

    @property
    def identity(self) -> Mapping[str, Any]:
        """The function's source."""
        return {"kind": "python", "source": self._source}

    async def prepare(self) -> None:
        """Nothing to do: the function is there."""

    async def play(
        self, part: Part, reading: Reading, turns: Sequence[Turn] = (), tools: Sequence[Tool] = ()
    ) -> AsyncGenerator[Sound, None]:
        """Call the function with the reading, and yield its text and what it prints as they come.

        Raises `PermanentError` for what it raises, and for anything but text that it returns.
        """
        del part, turns, tools
        stage = _Stage()
        with relayed():
            task = asyncio.get_running_loop().create_task(
                self._perform(stage, reading), context=hearing(stage.print)
            )
            task.add_done_callback(lambda _: stage.wake())
            try:
                while not task.done():
                    await stage.ready()
                    for sound in stage.take():
                        yield sound
                for sound in stage.take(last=True):
                    yield sound
                await task
            finally:
                stage.cut = True
                task.cancel()
                await end_of(task)

    async def _perform(self, stage: _Stage, reading: Reading) -> None:
        try:
            if is_async(self._function):
                returned = self._function(reading)
            else:
                returned = await in_thread(functools.partial(self._call, stage, reading))
            if isinstance(returned, AsyncIterator):
                try:
                    async for text in returned:
                        stage.put(self._text(text, "yielded"))
                finally:
                    if inspect.isasyncgen(returned):
                        await returned.aclose()
            elif inspect.isawaitable(returned):
                stage.put(self._text(await returned, "returned"))
            elif returned is not _SPOKEN:
                stage.put(self._text(returned, "returned"))
        except asyncio.CancelledError:
            if stage.cut:
                raise
            raise PermanentError(f"{self.name} was cancelled by what it awaited") from None
        except PlayerError:
            raise
        except BaseException as error:  # sys.exit() in a player must not end the event loop
            raise _failure(error) from None

    def _call(self, stage: _Stage, reading: Reading) -> object:
        """In the worker thread."""
        returned = self._function(reading)
        if not isinstance(returned, Iterator):
            return returned
        for text in returned:
            if stage.cut:
                break
            stage.put(self._text(text, "yielded"))
        close = getattr(returned, "close", None)
        if close is not None:
            close()
        return _SPOKEN

    def _text(self, value: object, how: str) -> str:
        if isinstance(value, str):
            return value
        if value is None:
            raise PermanentError(f"{self.name} {how} None: a player answers with its text, a str")
        kind = type(value).__name__
        raise PermanentError(f"{self.name} {how} {_article(kind)} {kind}: a player answers with text, a str")


class _Stage:
    """Where what a function brings out waits for the loop. Anything may be put from any thread."""

    def __init__(self) -> None:
        self.cut = False
        self._loop = asyncio.get_running_loop()
        self._brought: deque[Sound] = deque()
        self._ready = asyncio.Event()

    def put(self, sound: Sound) -> None:
        self._brought.append(sound)
        with contextlib.suppress(RuntimeError):  # the loop is closed: a thread outlived the session
            self._loop.call_soon_threadsafe(self._ready.set)

    def print(self, text: str) -> None:
        if text:
            self.put(Output(text))

    def wake(self) -> None:
        self._ready.set()

    async def ready(self) -> None:
        await self._ready.wait()
        self._ready.clear()

    def take(self, *, last: bool = False) -> Iterator[Sound]:
        """What came, in order. What is printed goes in whole lines: `print` writes them in pieces."""
        printed: list[str] = []
        while self._brought:
            sound = self._brought.popleft()
            if isinstance(sound, Output):
                printed.append(sound.printed)
                continue
            if printed:
                yield Output("".join(printed))
                printed = []
            yield sound
        if not printed:
            return
        rest = Output("".join(printed))
        if last or rest.printed.endswith(("\n", "\r")):
            yield rest
        else:
            self._brought.appendleft(rest)


def _failure(error: BaseException) -> PermanentError:
    """What a function raised, with the frames of its own."""
    whole = traceback.TracebackException.from_exception(error)
    frames = list(whole.stack)
    while frames and frames[0].filename.startswith(_HERE):
        frames.pop(0)
    whole.stack = traceback.StackSummary.from_list(frames)
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    name = type(error).__name__
    line = without_keys(f"{name}: {said}" if said else name)
    return PermanentError(line, "error", detail=without_keys("".join(whole.format())))


def source_of(function: Callable[..., Any]) -> str:
    """The source that a function is known by, dedented.

    Where there is none (made by `exec`, typed at a plain prompt) it is a hash of its compiled code,
    names and constants: stable on one Python version, and another after an update of Python. What a
    function closes over is in neither.
    """
    if isinstance(function, functools.partial):
        given = re.sub(r" at 0x[0-9a-fA-F]+", "", f"{function.args!r} {sorted(function.keywords.items())!r}")
        return f"{source_of(function.func)}\n# partial: {given}"
    described: Any = function if inspect.isroutine(function) or inspect.isclass(function) else type(function)
    try:
        return textwrap.dedent(inspect.getsource(described))
    except (OSError, TypeError, SyntaxError):
        code = getattr(function, "__code__", None) or getattr(call_of(function), "__code__", None)
        if isinstance(code, CodeType):
            return f"code:{_hash(code)}"
        return f"{described.__module__}.{described.__qualname__}"


def _hash(code: CodeType) -> str:
    parts = [code.co_code.hex(), repr(code.co_names), repr(code.co_varnames)]
    for constant in code.co_consts:
        # A code object's repr holds an address, and a frozenset's has no order.
        if isinstance(constant, CodeType):
            parts.append(_hash(constant))
        elif isinstance(constant, frozenset):
            parts.append(repr(sorted(map(repr, constant))))
        else:
            parts.append(repr(constant))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _article(word: str) -> str:
    return "an" if word[0].lower() in "aeiou" else "a"
