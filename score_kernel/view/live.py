"""The line between a performance and the pages that show it."""

from __future__ import annotations

import contextvars
import logging
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..score.codec import to_lines
from ..score.cues import Branch
from . import wire
from .mime import pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..score.cues import Cue
    from ..score.events import Event
    from .widget import ScoreWidget

_log = logging.getLogger(__name__)
# Python prints what nobody handles, and that would land in a cell
_log.addHandler(logging.NullHandler())

_WORTH_PACKING = 32_768  # bytes

CODE = Path(__file__).parent / "static" / "code.js"


@cache
def _code() -> bytes:
    return pack(CODE.read_bytes(), level=9)


class LiveView:
    """Shows one performance in every page that asks for it, and hands on its cues.

    Make it on the kernel's main thread; call the rest from the performance thread. `hello` and `cue`
    are called on whatever thread a page's message arrives, so they must be safe from any; `hello`
    asks for a call of `snapshot`. Until a page said hello nothing is sent.

    A branch is no cue to the take that is shown: it conducts another one, from a moment of this. Pages
    offer it where there is an `on_branch`, which is called with the moment (`take2@12.5s`), on whatever
    thread as well. What it cannot do is told with `refused`.

    Raises `ScoreError` where the front end was never built.

    Example::

        live = LiveView(key, hello=lambda: stage.tell(answer), cue=lambda cue: stage.tell(follow, cue))
        display(bundle(data, html=html, plain=plain, widget_view=live.widget_view), raw=True, display_id=key)
    """

    def __init__(
        self,
        key: str,
        *,
        hello: Callable[[], None],
        cue: Callable[[Cue], None],
        on_branch: Callable[[str], None] | None = None,
    ) -> None:
        from .widget import ScoreWidget

        self._hello, self._cue, self._on_branch = hello, cue, on_branch
        self._lock = threading.Lock()
        # ipykernel 7.0 finds in it which request a message belongs to, and a thread's own holds none
        self._context = contextvars.copy_context()
        self._n = 0
        self._heard = False
        self._final: dict[str, Any] | None = None
        self._widget: ScoreWidget | None = ScoreWidget(key)
        self._model_id: str = self._widget.model_id
        self._widget.on_msg(self._receive)

    @property
    def widget_view(self) -> dict[str, Any]:
        """The data of `application/vnd.jupyter.widget-view+json`."""
        return {"model_id": self._model_id, "version_major": 2, "version_minor": 0}

    @property
    def heard(self) -> bool:
        """Whether a page has asked for the performance."""
        return self._heard

    def snapshot(self, events: Iterable[Event], take: str, live: bool) -> None:
        """Answer a hello: the take so far. What `feed` was given before must be in it.

        An ended take's `final` follows, for the page that came too late for it.
        """
        lines = to_lines(events)
        if len(lines) > _WORTH_PACKING:
            lines = pack(lines, level=1)
        with self._lock:
            self._heard = True
            if live:  # another take than the one that has ended: a branch of it
                self._final = None
            branches = self._on_branch is not None
            self._send({"type": "snapshot", "take": take, "live": live, "branches": branches}, lines)
            if self._final is not None:
                self._send(self._final)

    def feed(self, events: Iterable[Event]) -> None:
        """What happened since: to be called at most 30 times a second, with all of it."""
        if not self._heard:
            return
        lines = to_lines(events)
        with self._lock:
            self._send({"type": "events"}, lines)

    def final(self, data: Mapping[str, Any], *, html: str = "", plain: str = "") -> None:
        """What the notebook is to keep of the ended take: the parts of the last `bundle`.

        The kernel updates the output as well; that update does not reach a page that was reloaded.
        """
        with self._lock:
            self._final = {"type": "final", "data": dict(data), "html": html, "plain": plain}
            if self._heard:
                self._send(self._final)

    def refused(self, text: str) -> None:
        """Tell, in one line, why a cue was not followed."""
        with self._lock:
            self._send({"type": "refused", "text": text})

    def close(self) -> None:
        """Let go of the pages: they stay with what they have. Closing again changes nothing."""
        with self._lock:
            widget, self._widget = self._widget, None
            if widget is not None:
                self._context.run(widget.close)

    def _send(self, message: Mapping[str, Any], buffer: bytes | None = None) -> None:
        if self._widget is not None:
            self._n += 1
            buffers = None if buffer is None else [buffer]
            self._context.run(self._widget.send, {**message, "n": self._n}, buffers)

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        try:
            message = wire.decode(content)
        except msgspec.ValidationError as error:
            _log.warning("a page sent what is no message: %s", error)
            return
        match message:
            case wire.Hello():
                self._hello()
            case wire.CueMessage(cue=Branch(moment=moment)):
                if self._on_branch is None:
                    self.refused("this view cannot conduct a branch: use %conduct --from " + moment)
                else:
                    self._on_branch(moment)
            case wire.CueMessage():
                self._cue(message.cue)
            case wire.Code():
                self._answer_with_code()

    def _answer_with_code(self) -> None:
        try:
            code = _code()
        except OSError as error:  # the page can do without
            _log.warning("what colours code is not there: %s", error)
            return
        with self._lock:
            self._send({"type": "code"}, code)
