"""The widget: a comm to every page that shows a performance, and the code that those pages run.

Importing this takes most of a second, so it is imported when a performance is first shown.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..errors import ScoreError

BUNDLE = Path(__file__).parent / "static" / "widget.js"


@cache
def _source() -> str:
    try:
        return BUNDLE.read_text("utf-8")
    except FileNotFoundError:
        raise ScoreError(
            "The front end is not built in this checkout: run `make build`, then restart the kernel."
        ) from None


class ScoreWidget(anywidget.AnyWidget):  # type: ignore[misc]  # ipywidgets has no types
    """One performance's widget. It holds no state but `key`, by which the page knows it again.

    To be made on the kernel's main thread, where comms belong to the cell that is running. Raises
    `ScoreError` where the front end was never built.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    key = traitlets.Unicode().tag(sync=True)

    def __init__(self, key: str) -> None:
        super().__init__(_esm=_source(), key=key)
        # ipykernel 7.4 answers a comm's messages on the shell that published on it last. That is the
        # shell of the running cell, so a button would wait for the cell to end. What the page asked
        # for is its own subshell: keep to that. Earlier ones have no such routing.
        comm: Any = self.comm
        if hasattr(comm, "_reply_subshell_for"):
            comm._reply_subshell_for = _as_asked

    def __repr__(self) -> str:
        return "<ScoreWidget>"  # the inherited one is a memory address, which outputs would keep

    def close(self) -> None:
        """Close the comm, and that of the layout which every widget brings along."""
        layout = self.layout
        super().close()
        layout.close()


def _as_asked(data: Any, default: Any) -> Any:
    del data
    return default
