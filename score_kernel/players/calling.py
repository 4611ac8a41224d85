"""Calling functions of the notebook: sync ones in a thread, and what they print heard."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import threading
from typing import TYPE_CHECKING, Any

from ..score.ports import PRINTS
from .printing import hearing, relayed

if TYPE_CHECKING:
    from collections.abc import Callable


async def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function of the notebook, sync (in a worker thread) or async, and give what it returns.

    What it prints goes to whom `ports.PRINTS` says. What it raises comes through, but for what would
    end the process (`sys.exit()`): that is a `RuntimeError`. Cancelled, it raises on only when the
    function has let go: a sync one as it returns.
    """
    loop, prints = asyncio.get_running_loop(), PRINTS.get()

    def hear(text: str) -> None:
        if text and prints is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: a thread outlived the session
                loop.call_soon_threadsafe(prints, text)

    async def perform() -> Any:
        try:
            if is_async(function):
                return await function(*args, **kwargs)
            returned = await in_thread(functools.partial(function, *args, **kwargs))
            return await returned if inspect.isawaitable(returned) else returned
        except (SystemExit, KeyboardInterrupt) as error:  # from a task, they would end the event loop
            raise RuntimeError(f"it raised {type(error).__name__}") from error

    with relayed():
        return await loop.create_task(perform(), context=hearing(hear))


async def in_thread(call: Callable[[], object]) -> Any:
    """Call it in a thread of its own. Cancelled, it raises on only when the thread has returned.

    Not in the loop's pool: that has few threads, and one that never returns would keep its place.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[object, BaseException | None]] = loop.create_future()
    context = contextvars.copy_context()

    def work() -> None:
        try:
            outcome: tuple[object, BaseException | None] = (context.run(call), None)
        except BaseException as error:
            outcome = (None, error)
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set_result, outcome)

    threading.Thread(target=work, name="score-kernel player", daemon=True).start()
    await end_of(done)
    returned, error = done.result()
    if error is not None:
        raise error
    return returned


async def end_of(future: asyncio.Future[Any]) -> None:
    """Wait until it is done, even when cancelled meanwhile; then raise on."""
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            cancelled = True
    if not future.cancelled():
        future.exception()  # seen, so that asyncio does not report it as lost
    if cancelled:
        raise asyncio.CancelledError


def is_async(function: Any) -> bool:
    """Whether calling it gives something to await, or an async generator."""
    while isinstance(function, functools.partial):
        function = function.func
    return any(
        inspect.iscoroutinefunction(candidate) or inspect.isasyncgenfunction(candidate)
        for candidate in (function, call_of(function))
    )


def call_of(function: Any) -> Any:
    """The `__call__` of an object that can be called."""
    return inspect.getattr_static(type(function), "__call__", None)
