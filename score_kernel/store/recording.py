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
of a broken file nothing is taken. A file is read line by line and only as far as it is whole; of one
that is no recording, however large, no more than where a header would stand. What git and editors
do to text files (`\\r\\n`, a byte order mark, empty lines at the end) does no harm.

`docs/recording.md` tells all this to those who read recordings in another language;
`docs/recording.schema.json` is the JSON Schema of a line, generated from the types (`store/schema.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import stat
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec import Struct

from ..errors import StoreUnreadable
from ..score import codec
from ..score.recording import Recording
from ..score.state import IllegalEvent
from ..score.text import shortened
from ..score.whole import check
from .embedded import taken_out
from .files import named, reason, write_whole
from .kinds import KINDS, Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from ..score.events import Event

SUFFIX = ".score.jsonl"
PAGE = ".html"
"""Of a page that shows a score, with its recording in it (`embedded`)."""
FORMAT = "score-kernel"
VERSION = 1
"""Of the format. A reader takes this and all earlier ones."""

LATEST = 2**53 - 1
"""The largest `at` (ms): what every reader of JSON, also JavaScript, keeps exactly."""

_LINK = b',"chain":"'
_LINK_SIZE = len(_LINK) + 64 + len(b'"}')
_LONGEST_HEADER = 1 << 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHOLE = "get a whole copy"
_NO_RECORDING = f"is no recording of score-kernel; choose a *{SUFFIX} file"
_MISTAKEN: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "is compressed (gzip): unpack it first"),
    (b"PK\x03\x04", "is a zip archive: unpack it first"),
    (b"SQLite format 3\x00", "is a database and no recording: a score's own file opens with Score(PATH)"),
    (b"\xff\xfe", "is UTF-16, and a recording is UTF-8: get a copy that was not converted"),
    (b"version https://git-lfs", "is a Git LFS pointer: `git lfs pull` gets the recording"),
    (b"<", "is a web page or XML, with no recording in it: download the file itself (on GitHub: Raw)"),
)
"""How files begin that are given by mistake, and what to say of them."""


class Header(Struct, frozen=True, tag_field="type", tag="header"):
    """The first line: how to read what follows, how many events that is, and a title for people."""

    format: str
    version: int
    events: int
    title: str = ""


# Writing --------------------------------------------------------------------------------------


def write(path: Path, events: Collection[Event], title: str = "") -> None:
    """Save events as the recording `path`: whole, or not at all. Raises `StoreUnwritable`.

    What was there before stays until the new file is whole on the disk.

    >>> write(Path("piece.score.jsonl"), events, "Discount codes")       # doctest: +SKIP
    """
    write_whole(path, _lines(events, title))


def to_lines(events: Collection[Event], title: str = "") -> bytes:
    """Events as the bytes of a recording."""
    return b"".join(_lines(events, title))


def _lines(events: Collection[Event], title: str) -> Iterator[bytes]:
    line = codec.encode(Header(FORMAT, VERSION, len(events), shortened(title, 200)))[:-1]
    chain = _next("", line)
    yield line + _LINK + chain.encode() + b'"}\n'
    for event in events:
        line = codec.encode(event)[:-1]
        chain = _next(chain, line)
        yield line + _LINK + chain.encode() + b'"}\n'


def _next(chain: str, line: bytes) -> str:
    return hashlib.sha256(chain.encode() + line).hexdigest()


# Reading --------------------------------------------------------------------------------------


def read(path: Path) -> Recording:
    """The recording in a file. Raises `StoreUnreadable`, in one line, with the number of a broken line.

    >>> read(Path("piece.score.jsonl")).state.takes        # doctest: +SKIP
    """
    name = named(path)
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):  # opening a pipe would wait for whoever writes into it
            what = "a folder" if stat.S_ISDIR(kind) else "no file"
            raise StoreUnreadable(f"{name} is {what}; choose a *{SUFFIX} file")
        with path.open("rb") as file:
            return _from(file, name)
    except FileNotFoundError as error:
        raise StoreUnreadable(f"{name} cannot be read: there is no such file") from error
    except (OSError, ValueError) as error:
        raise StoreUnreadable(f"{name} cannot be read: {reason(error)}") from error


def from_lines(data: bytes, name: str) -> Recording:
    """The recording of these bytes, of a file of that name. Raises `StoreUnreadable`."""
    return _from(io.BytesIO(data), name)


def _from(file: BinaryIO, name: str) -> Recording:
    first = file.readline(_LONGEST_HEADER)
    if first.removeprefix(_BYTE_ORDER_MARK).lower().startswith(b"<!doctype html"):
        file, first = _out_of_page(file, first, name)
    chain, header = _header(first, name)
    events: list[Event] = []
    for number, line in enumerate(file, 2):
        content = line.rstrip(b"\r\n")
        if len(events) < header.events:
            chain, event = _event(content, chain, f"{name}, line {number}", cut=content == line)
            if event.seq != number - 1:
                raise StoreUnreadable(f"{name}, line {number}: it is event {event.seq}, not {number - 1}")
            events.append(event)
        elif content:
            raise StoreUnreadable(
                f"{name}, line {number}: its header tells of {header.events} events and no more; {_WHOLE}"
            )
    if len(events) != header.events:
        raise StoreUnreadable(
            f"{name} holds {len(events)} events of {header.events}: its end is missing; {_WHOLE}"
        )
    try:
        recording = Recording(name, events)
        check(recording.events, recording.state)
    except IllegalEvent as error:
        why = shortened(str(error), 200)
        raise StoreUnreadable(f"{name} tells what cannot have happened: {why}") from error
    return recording


def _out_of_page(page: BinaryIO, first: bytes, name: str) -> tuple[BinaryIO, bytes]:
    """The recording that a page holds, and its first line; where it holds none, the page itself."""
    try:
        lines = taken_out(first, page)
    except ValueError as error:
        raise StoreUnreadable(f"{name}: the recording in this page is broken ({error}); {_WHOLE}") from error
    if lines is None:
        return page, first
    file = io.BytesIO(lines)
    return file, file.readline(_LONGEST_HEADER)


def _header(line: bytes, name: str) -> tuple[str, Header]:
    if not line:
        raise StoreUnreadable(f"{name} is empty; {_WHOLE}")
    if name.endswith(".ipynb"):
        raise StoreUnreadable(f"{name} is a notebook: %score save NAME{SUFFIX} there makes a recording of it")
    if mistaken := next((what for start, what in _MISTAKEN if line.startswith(start)), None):
        raise StoreUnreadable(f"{name} {mistaken}")
    content = line.removeprefix(_BYTE_ORDER_MARK).rstrip(b"\r\n")
    try:
        header = msgspec.json.decode(content, type=Header)
    except (ValueError, RecursionError):
        if content.startswith(b'{"type":"header"'):
            raise StoreUnreadable(f"{name}, line 1: the header is broken; {_WHOLE}") from None
        raise StoreUnreadable(f"{name} {_NO_RECORDING}") from None
    if header.format != FORMAT or header.version < 1:
        raise StoreUnreadable(f"{name} {_NO_RECORDING}")
    if header.version > VERSION:
        raise StoreUnreadable(
            f"{name} was recorded by a newer version of score-kernel (its format is {header.version}, "
            f"this one reads up to {VERSION}); update score-kernel"
        )
    chain, _ = _unchained(content, "", f"{name}, line 1", cut=content == line)
    return chain, header


def _event(line: bytes, chain: str, where: str, *, cut: bool) -> tuple[str, Event]:
    """The chain after this line, and its event."""
    chain, body = _unchained(line, chain, where, cut=cut)
    try:
        event = codec.decode(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreUnreadable(f"{where}: {_why(body, error)}") from error
    if event.at is not None and not 0 <= event.at <= LATEST:
        raise StoreUnreadable(f"{where}: it happened {shortened(str(event.at), 20)} ms after its take began")
    return chain, event


def _unchained(line: bytes, chain: str, where: str, *, cut: bool) -> tuple[str, bytes]:
    """The chain after this line, and the line without its link. `cut`: no line end follows it."""
    body, link = line[:-_LINK_SIZE], line[-_LINK_SIZE:]
    expected = _next(chain, body)
    if link != _LINK + expected.encode() + b'"}':
        why = "the line is broken, or is not as it was recorded"
        if cut and not line.endswith(b'"}'):
            why = "the file breaks off in this line"
        raise StoreUnreadable(f"{where}: {why}; {_WHOLE}")
    return expected, body + b"}"


def _why(body: bytes, error: Exception) -> str:
    with contextlib.suppress(ValueError, TypeError, RecursionError):
        kind = msgspec.json.decode(body, type=Kind).type
        if kind not in KINDS:
            kind = shortened(kind, 40)
            return f"an event of the kind {kind!r}, which this version does not know; update score-kernel"
    return f"the event is broken ({shortened(str(error), 200)}); {_WHOLE}"
