"""Where everything is wired, once: the performance thread, and what a score is made of.

There is one performance thread in a process, a daemon with an event loop of its own, started when
the first score is made. All conductors live on it. Whoever is on another thread asks it.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from .engine.cast import Cast, Items
from .engine.clock import SystemClock
from .engine.conductor import Conductor
from .errors import ConductError, StoreUnreadable
from .materials.items import items_of
from .notation import scripts
from .players.casting import cast
from .players.forms import form_of
from .players.model import close_connections
from .players.predicates import bind
from .players.python import source_of
from .players.tools import tools_of
from .store.memory import MemoryLog
from .store.snapshot import load
from .store.sqlite import SqliteLog

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from .players.mcp import Servers
    from .score.events import Event
    from .score.plan import Plan
    from .score.ports import Clock, Log, Predicate

T = TypeVar("T")

_SERVERS_END = 8.0
"""Seconds in which MCP servers end that do not do so when they are told to: they are killed then."""


class Stage:
    """The performance thread: an event loop that others ask to do things."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="score-kernel performance", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        while True:
            # SystemExit and KeyboardInterrupt of a task (a player's `sys.exit()`) come out here
            with contextlib.suppress(SystemExit, KeyboardInterrupt):
                self.loop.run_forever()

    @property
    def here(self) -> bool:
        """Whether the caller is on the performance thread."""
        return threading.current_thread() is self._thread

    def ask(self, question: Callable[[], T]) -> T:
        """Call `question` on the performance thread, and give its answer or raise what it raised."""
        if self.here:
            return question()

        async def answer() -> T:
            return question()

        return self.submit(answer()).result()

    def tell(self, something: Callable[..., object], *args: Any) -> None:
        """Call it there, soon, and do not wait. Safe from any thread, also as the process ends."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self.loop.call_soon_threadsafe(something, *args)

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine there; the future can be waited for from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)


_stage: Stage | None = None
_pid = 0
_making = threading.Lock()
_open: weakref.WeakSet[Conductor] = weakref.WeakSet()
_servers: set[Servers] = set()


def stage() -> Stage:
    """The process's performance thread. A forked process gets one of its own."""
    global _stage, _pid
    with _making:
        if _stage is None or _pid != os.getpid():
            _stage, _pid = Stage(), os.getpid()
        return _stage


def open_conductor(
    path: Path | None, clock: Clock | None = None, recorded: Sequence[Event] = ()
) -> Conductor:
    """The conductor of the score in a file (made if it is not there), or of a new one in memory.

    `recorded` is what the score begins with; a file that holds something goes on from that, or is
    refused. A take that was left unfinished is ended as stopped. Raises `StoreError`.
    """

    def make() -> Conductor:
        log: Log = MemoryLog() if path is None else SqliteLog(path)
        try:
            begin(log, recorded)
            state = load(log)
            conductor = Conductor(
                log,
                state,
                clock or SystemClock(),
                None if path is None else f"{path.parent.name}/{path.name}",
            )
            conductor.recover()
        except BaseException:
            log.close()
            raise
        _open.add(conductor)
        return conductor

    return stage().ask(make)


def begin(log: Log, recorded: Sequence[Event]) -> None:
    """Let a log begin with these events. Raises `StoreUnreadable` where it holds others."""
    if not recorded:
        return
    held = list(log.read(upto=len(recorded)))
    if not held:
        log.append(recorded)
        log.commit()
    elif held != list(recorded):
        raise StoreUnreadable(f"{log} holds another score; choose another file")


def close_conductor(conductor: Conductor) -> None:
    """Stop what plays, and let go of the file."""
    _open.discard(conductor)
    stage().ask(conductor.close)


def close_servers(servers: Servers) -> None:
    """End the MCP servers that were opened, and what they started. Waits for that, if it may."""
    _servers.discard(servers)
    if servers.opened:
        ending = stage().submit(servers.close())
        if not stage().here:
            with contextlib.suppress(TimeoutError):  # it is ended all the same
                ending.result(timeout=_SERVERS_END)


def _forked() -> None:
    """A file of SQLite must not be carried over a fork (sqlite.org/howtocorrupt.html, section 2.6)."""
    for conductor in _open:
        conductor.lost = conductor.lost or "this process was forked; its score goes on in memory"
        conductor.changed = threading.Condition()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


@atexit.register
def _close_all() -> None:
    if _stage is None or _pid != os.getpid():
        return
    patience = _SERVERS_END if any(servers.opened for servers in _servers) else 2
    with contextlib.suppress(Exception):  # the process ends; the files are safe as they are
        _stage.submit(_close(list(_open))).result(timeout=patience)


async def _close(conductors: list[Conductor]) -> None:
    for conductor in conductors:
        conductor.close()
    await asyncio.gather(*(servers.close() for servers in _servers), close_connections())


def cast_all(
    plan: Plan,
    model: str | None,
    lookup: Callable[[str], object],
    folder: Path,
    clock: Clock,
    recorded: Callable[[str], Sequence[str]] = lambda _: (),
    servers: Servers | None = None,
) -> Cast:
    """Who plays each part, and what of the notebook it plays with, as all of that is now.

    `model` plays the parts that name no player of their own, `recorded` gives the models that a part was
    recorded with: the first stands where there is no other. `servers` are those of MCP. Raises
    `ConductError` in one line where something is not there.
    """

    if servers is not None:
        _servers.add(servers)

    def load_script(name: str) -> object:
        return scripts.load(name, lookup, folder)

    def found(part: str, name: str) -> object:
        try:
            return lookup(name)
        except LookupError:
            raise ConductError(f"{part}: this notebook has no {name} (any more): define it first") from None

    def called(part: str, name: str) -> Callable[..., Any]:
        function = found(part, name)
        if not callable(function):
            raise ConductError(f"{part}: {name} is no function, it is of type {type(function).__name__}")
        return function

    players = {
        part.name: cast(
            part,
            model=model,
            lookup=lookup,
            load_script=load_script,
            clock=clock,
            recorded=next(iter(recorded(part.name)), None),
        )
        for part in plan.parts
    }
    toolboxes = {
        part.name: box for part in plan.parts if (box := tools_of(part, lookup, servers)) is not None
    }
    forms = {
        part.name: form_of(part.returns, found(part.name, part.returns))
        for part in plan.parts
        if part.returns is not None
    }
    items = {
        part.name: Items(*items_of(part.each, found(part.name, part.each)))
        for part in plan.parts
        if part.each is not None and not part.source
    }
    predicates: dict[str, tuple[Predicate, str]] = {}
    for part in plan.parts:
        names = [check.name for check in plan.checks_of(part)]
        names += [part.when] if part.when else []
        names += [part.repeat.until] if part.repeat else []
        for name in names:
            if name not in predicates:
                function = called(part.name, name)
                predicates[name] = bind(function), source_of(function)
    return Cast(players, toolboxes, forms, items, predicates)
