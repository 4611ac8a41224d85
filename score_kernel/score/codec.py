"""Events as bytes, and back.

One event is one line of JSON. msgspec does the work; lone surrogates, which it refuses as UTF-8
does, go the longer way through the standard library and are escaped exactly (`\\ud800`), so every
Python string comes back as it was.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from .events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Event)


def encode(event: Struct) -> bytes:
    """One event (or a recording's header) as JSON, without a line end."""
    try:
        return _ENCODER.encode(event)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(event), separators=(",", ":")).encode("ascii")


def decode(line: bytes) -> Event:
    """One event of its JSON. Raises `msgspec.DecodeError` (a `ValueError`) or its `ValidationError`."""
    try:
        return _DECODER.decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(line), Event)


def to_lines(events: Iterable[Event]) -> bytes:
    """Events as JSON Lines."""
    return b"".join(encode(event) + b"\n" for event in events)


def from_lines(data: bytes) -> list[Event]:
    """The events of JSON Lines."""
    return [decode(line) for line in data.split(b"\n") if line]
