"""What a player prints goes to its contribution and never to a cell.

`sys.stdout` and `sys.stderr` are replaced by relays while players run, and put back when the last
one has ended. A relay looks at a context variable: where a player's code runs (its task, the tasks
and `asyncio.to_thread` calls it makes, its own worker thread) the text goes to that player, anywhere
else it goes where it went before. A thread that a player starts by itself has no such context, nor
has a subprocess writing to the file descriptors: those print as ever.

A relay is never let go while somebody may print through it. Before Python 3.12.10 and 3.13.3, and in
all of 3.11, `print` does not hold the stream that it writes to, and a cell that prints as the last
player ends would bring the kernel down (CPython's gh-130163).
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
from collections import deque
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


# of both streams, the present ones and those that cells captured last
_kept: deque[_Relay] = deque(maxlen=8)


def _relay(stream: Any) -> _Relay:
    for known in _kept:
        if known._relayed is stream:
            return known
    _kept.append(_Relay(stream))
    return _kept[-1]


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
                    setattr(sys, name, _relay(stream))
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
