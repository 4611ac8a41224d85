"""What a notebook keeps of a performance.

The output is one MIME bundle: the recording in a type of our own, which the JupyterLab and Notebook
extension draws, also with no kernel and in an untrusted notebook; a picture for everywhere else; a
line of text; and while the performance lives, the widget.
"""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

from ..score.codec import to_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..score.events import Event

MIME_TYPE = "application/vnd.score-kernel+json"
WIDGET_VIEW_TYPE = "application/vnd.jupyter.widget-view+json"

VERSION = 1
"""Of the data of `MIME_TYPE`. An extension that knows only older ones says so, and shows the picture."""


def recording_data(
    events: Iterable[Event],
    *,
    key: str,
    take: str,
    live: bool,
    file: str | None = None,
    limit: int = 1_000_000,
    replay: float | None = None,
    told: str = "",
) -> dict[str, Any]:
    """The data of `MIME_TYPE` for a take, from events that stand alone (`Excerpt`).

    The events are JSON Lines, gzipped and in base64: as JSON they would more than double in a
    notebook, which indents them. Where that is more than `limit` bytes, the data says instead that
    the recording is in `file`, which is named as the reader can find it (relative to the notebook).
    `key` is the widget's; `live` tells that the take was still open as this was made. With `replay`
    a page that shows it begins at its start and plays, at that many times its pace. `told` is a line
    that the cell says of the take.

    >>> data = recording_data([], key="k", take="take1", live=False)
    >>> data["format"], data["version"], data["take"]
    ('score-kernel', 1, 'take1')
    """
    data: dict[str, Any] = {
        "format": "score-kernel",
        "version": VERSION,
        "key": key,
        "take": take,
        "live": live,
    }
    if replay is not None:
        data["replay"] = replay
    if told:
        data["told"] = told
    packed = base64.b64encode(pack(to_lines(events))).decode("ascii")
    if len(packed) <= limit:
        data["events"] = packed
    else:
        data["text"] = f"This performance is too long to be kept in the notebook ({len(packed):,} bytes)."
        if file:
            data["file"] = file
    return data


def pack(lines: bytes, level: int = 6) -> bytes:
    """Bytes gzipped: the same ones are always the same."""
    return gzip.compress(lines, compresslevel=level, mtime=0)


def bundle(
    data: Mapping[str, Any],
    *,
    html: str,
    plain: str,
    widget_view: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The MIME bundle of an output: the recording's data, the picture as HTML, one line of text.

    `widget_view` (`LiveView.widget_view`) goes in only while the performance lives: without the
    extension, JupyterLab shows "model not found" for an output that still has it when the kernel is gone.
    """
    found = {MIME_TYPE: dict(data), "text/html": html, "text/plain": plain}
    if widget_view is not None:
        found[WIDGET_VIEW_TYPE] = dict(widget_view)
    return found
