"""A score saved to one file, to be kept, sent and played again.

The file is JSON Lines, UTF-8. The first line is the header, every other one an event, in order::

    {"type":"header","format":"score-kernel","version":1,"events":2,...,"chain":"5f70..."}
    {"type":"entry","seq":1,...,"chain":"8c1d..."}
    {"type":"composed","seq":2,...,"chain":"e3b0..."}

`chain` is the SHA-256, in hexadecimal, of the `chain` of the line before (of the header: of nothing)
followed by this line's bytes up to `,"chain":`. So a line that was changed, lost, added or moved is
found, and told by its number; that nothing is missing at the end, by the number of events in the
header. It protects against accidents, not against forgers: it is no signature.

The same events always give the same bytes. Loading is reading: nothing runs, nothing is fetched, and
of a broken file nothing is taken. `docs/recording.schema.json` is the JSON Schema of a line, generated
from the types (`schema`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from ..errors import StoreUnreadable, StoreUnwritable
from ..score import codec
from ..score.events import Event
from ..score.recording import Recording
from ..score.state import IllegalEvent
from .kinds import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUFFIX = ".score.jsonl"
FORMAT = "score-kernel"
VERSION = 1
"""Of the format. A reader takes this and all earlier ones."""

_LINK = b',"chain":"'
_LINK_SIZE = len(_LINK) + 64 + len(b'"}')


class Header(Struct, frozen=True, tag_field="type", tag="header"):
    """The first line: how to read what follows, and how many events do."""

    format: str
    version: int
    events: int
    title: str = ""


def write(path: Path, events: Iterable[Event], title: str = "") -> None:
    """Save events as the recording `path`: whole, or not at all. Raises `StoreUnwritable`."""
    lines = to_lines(events, title)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("xb") as file:
            file.write(lines)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        why = error.strerror or error
        raise StoreUnwritable(f"{path.name} cannot be written ({why}); choose another place") from error


def to_lines(events: Iterable[Event], title: str = "") -> bytes:
    """Events as the bytes of a recording."""
    bodies = [codec.encode(event) for event in events]
    header = Header(FORMAT, VERSION, len(bodies), title)
    chain = ""
    lines: list[bytes] = []
    for body in (codec.encode(header), *bodies):
        line = body[:-1]
        chain = _next(chain, line)
        lines.append(line + _LINK + chain.encode() + b'"}\n')
    return b"".join(lines)


def read(path: Path) -> Recording:
    """The recording in a file. Raises `StoreUnreadable`, in one line, with the number of a broken line.

    >>> read(Path("piece.score.jsonl")).state.takes        # doctest: +SKIP
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        why = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or error
        raise StoreUnreadable(f"{path.name} cannot be read: {why}") from error
    return from_lines(data, path.name)


def from_lines(data: bytes, name: str) -> Recording:
    """The recording of these bytes, of a file of that name. Raises `StoreUnreadable`."""
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    chain, header = _header(lines, name)
    events: list[Event] = []
    for number, line in enumerate(lines[1:], 2):
        chain, body = _unchained(line, chain, name, number)
        try:
            event = codec.decode(body)
        except (ValueError, TypeError, RecursionError) as error:
            raise StoreUnreadable(f"{name}, line {number}: {_why(body, error)}") from error
        events.append(event)
    if len(events) != header.events:
        raise StoreUnreadable(
            f"{name} holds {len(events)} events of {header.events}: its end is missing; get a whole copy"
        )
    for number, event in enumerate(events, 2):
        if event.seq != number - 1:
            raise StoreUnreadable(f"{name}, line {number}: event {event.seq} stands in place of {number - 1}")
    try:
        return Recording(name, events)
    except IllegalEvent as error:
        raise StoreUnreadable(f"{name} tells what cannot have happened: {error}") from error


def _header(lines: list[bytes], name: str) -> tuple[str, Header]:
    first = lines[0] if lines else b""
    try:
        header = msgspec.json.decode(first, type=Header)
    except (ValueError, RecursionError):
        raise StoreUnreadable(f"{name} is no recording of score-kernel; choose a *{SUFFIX} file") from None
    if header.format != FORMAT or header.version < 1:
        raise StoreUnreadable(f"{name} is no recording of score-kernel; choose a *{SUFFIX} file")
    if header.version > VERSION:
        raise StoreUnreadable(
            f"{name} was recorded by a newer version of score-kernel (its format is {header.version}, "
            f"this one reads up to {VERSION}); update score-kernel"
        )
    chain, _ = _unchained(first, "", name, 1)
    return chain, header


def _unchained(line: bytes, chain: str, name: str, number: int) -> tuple[str, bytes]:
    """The chain after this line, and the line without its link."""
    body, link = line[:-_LINK_SIZE], line[-_LINK_SIZE:]
    expected = _next(chain, body)
    if link != _LINK + expected.encode() + b'"}':
        raise StoreUnreadable(
            f"{name}, line {number}: the line is broken, or is not as it was recorded; get a whole copy"
        )
    return expected, body + b"}"


def _next(chain: str, line: bytes) -> str:
    return hashlib.sha256(chain.encode() + line).hexdigest()


def _why(body: bytes, error: Exception) -> str:
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        kind = msgspec.json.decode(body, type=Kind).type
        if kind not in KINDS:
            return f"an event of the kind {kind!r}, which this version does not know; update score-kernel"
    return f"the event is broken ({error}); get a whole copy"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line of a recording."""
    kinds, components = msgspec.json.schema_components((Header, Event), ref_template="#/$defs/{name}")
    link = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    for component in components.values():
        if "type" in component.get("properties", {}):
            component["properties"]["chain"] = link
            component["required"] = [*component.get("required", []), "chain"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of a recording of Score Kernel",
        "description": f"The first line is a Header, every other one an event. Format version {VERSION}.",
        "anyOf": list(kinds),
        "$defs": components,
    }
