"""The messages between a performance and the pages that show it: custom messages of a widget's comm.

From a page come `Hello`, `CueMessage` and `Code`. To the pages go, as JSON with one binary buffer where it
says so, and numbered by `n`, so that a page that missed one says hello again:

- ``{"type": "snapshot", "n", "take", "live", "branches"}``   buffer: the take so far, as JSON Lines, gzipped
  or not; ``branches``: a `Branch` from it would be conducted
- ``{"type": "events", "n"}``                       buffer: what happened since, as JSON Lines
- ``{"type": "final", "n", "data", "html", "plain"}``   what the notebook is to keep of the ended take
- ``{"type": "refused", "n", "text"}``              a cue that could not be followed, in one line
- ``{"type": "code", "n"}``                         buffer: the script that colours code, gzipped
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from ..score.cues import Cue  # noqa: TC001  # msgspec reads the annotations as the class is made


class Hello(Struct, frozen=True, tag_field="type", tag="hello"):
    """A page shows the take and knows nothing of it yet, or missed something."""


class CueMessage(Struct, frozen=True, tag_field="type", tag="cue"):
    """The conductor pressed a button."""

    cue: Cue


class Code(Struct, frozen=True, tag_field="type", tag="code"):
    """A page shows code, and has nothing yet that colours it."""


def decode(content: Any) -> Hello | CueMessage | Code:
    """A page's message. Raises `msgspec.ValidationError` where it is none."""
    return msgspec.convert(content, type=Hello | CueMessage | Code)  # type: ignore[return-value]
