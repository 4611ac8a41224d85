"""Which kinds of events this version knows."""

from __future__ import annotations

from typing import get_args

from msgspec import Struct

from ..score.events import Event


class Kind(Struct):
    """What kind an event is of, whatever else it says."""

    type: str


KINDS = frozenset(kind.__struct_config__.tag for kind in get_args(Event))
