"""Events as bytes, and back.

One event is one line of JSON. msgspec does the work; lone surrogates, which it refuses as UTF-8
does, go the longer way through the standard library and are escaped exactly (`\\ud800`), so every
Python string comes back as it was. That way is as strict as msgspec's: no `NaN`, nothing but UTF-8.
Texts and numbers of subclasses (NumPy's, a template engine's), which msgspec does not know, are
written as what they are underneath (`plain`).
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
from msgspec import Struct

from .events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable


def plain(value: Any) -> str | int | float:
    """A text or number of a subclass as a plain one: msgspec's `enc_hook`. Raises `TypeError` for others.

    >>> class Markup(str): ...
    >>> type(plain(Markup("a")))
    <class 'str'>
    """
    match value:
        case str():
            return str.__str__(value)
        case int():
            return int.__int__(value)
        case float():
            return float.__float__(value)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be written down")


_ENCODER = msgspec.json.Encoder(enc_hook=plain)
_DECODER = msgspec.json.Decoder(Event)


def encode(event: Struct) -> bytes:
    """One event (or a recording's header) as JSON, without a line end."""
    try:
        return _ENCODER.encode(event)
    except UnicodeEncodeError:
        builtins = msgspec.to_builtins(event, enc_hook=plain)
        return json.dumps(builtins, separators=(",", ":"), allow_nan=False).encode("ascii")


def decode(line: bytes) -> Event:
    """One event of its JSON.

    Raises `msgspec.DecodeError` or its `ValidationError` (both a `ValueError`), another `ValueError`
    where a text or a number cannot be, and `RecursionError` where it is nested too deeply.
    """
    try:
        return _DECODER.decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        text = line.decode("utf-8")
        return msgspec.convert(json.loads(text, parse_constant=_refuse, parse_float=_finite), Event)


def _refuse(number: str) -> NoReturn:
    raise ValueError(f"{number} is no number in JSON")


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


def to_lines(events: Iterable[Event]) -> bytes:
    """Events as JSON Lines."""
    return b"".join(encode(event) + b"\n" for event in events)


def from_lines(data: bytes) -> list[Event]:
    """The events of JSON Lines."""
    return [decode(line) for line in data.split(b"\n") if line]
