"""What a player prints goes to its contribution and never to a cell.

`sys.stdout` and `sys.stderr` are replaced by relays while players run, and put back when the last
one has ended. A relay looks at a context variable: where a player's code runs (its task, the tasks
and `asyncio.to_thread` calls it makes, its own worker thread) the text goes to that player, anywhere
else it goes where it went before. A thread that a player starts by itself has no such context, nor
has a subprocess writing to the file descriptors: those print as ever.
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

_heard_by: contextvars.ContextVar[Callable[[str], None] | None] = contextvars.ContextVar(
    "score_kernel_heard_by", default=None
)
_NAMES = ("stdout", "stderr")
_lock = threading.Lock()
_players = 0


class _Relay:
    """Stands in for a text stream; everything but writing is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._relayed = stream

    def write(self, text: str) -> int:
        hear = _heard_by.get()
        if hear is None:
            return self._relayed.write(text)
        hear(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if _heard_by.get() is None:
            self._relayed.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._relayed, name)


@contextlib.contextmanager
def relayed() -> Generator[None]:
    """While this is open, code run in the context of `hearing` is heard. May be open many times."""
    global _players  # noqa: PLW0603  there is one sys.stdout, so there is one count of who needs it
    with _lock:
        _players += 1
        if _players == 1:
            for name in _NAMES:
                stream = getattr(sys, name)
                if stream is not None and not isinstance(stream, _Relay):
                    setattr(sys, name, _Relay(stream))
    try:
        yield
    finally:
        with _lock:
            _players -= 1
            if _players == 0:
                for name in _NAMES:
                    stream = getattr(sys, name)
                    # Somebody (`%%capture`) may have put a stream of their own over ours meanwhile.
                    if isinstance(stream, _Relay):
                        setattr(sys, name, stream._relayed)


def hearing(hear: Callable[[str], None]) -> contextvars.Context:
    """A copy of this context in which whatever is printed goes to `hear`."""
    context = contextvars.copy_context()
    context.run(_heard_by.set, hear)
    return context
