"""A recording within a web page, as text that does nothing there, to be taken out again.

It is the file that `recording.write` writes, gzipped and in base64, in an element that no browser runs::

    <script id="recording" type="application/gzip">H4sIAAAAAAAC/...</script>

Base64 has none of the characters that mean something in HTML, so whatever the texts of a score are,
they cannot end the element. It stands within the first 64 KiB of the page: of a page without one no
more is read.
"""

from __future__ import annotations

import base64
import gzip
import io
import zlib
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from typing import BinaryIO

MOST = 256 * 2**20
"""The most that a recording in a page may unpack to, in bytes: the page shows no more (`recording.ts`)."""

_BEGIN, _END = b'<script id="recording" type="application/gzip">', b"</script>"
_WITHIN = 1 << 16


def embedded(lines: bytes) -> bytes:
    """The element that holds a recording. Raises `UsageError` where that is too long for a page."""
    if len(lines) > MOST:
        raise UsageError(
            f"{len(lines) / 1e6:.0f} MB are too much for a page: %score save NAME.score.jsonl keeps them"
        )
    return _BEGIN + base64.b64encode(gzip.compress(lines, mtime=0)) + _END


def taken_out(begin: bytes, rest: BinaryIO) -> bytes | None:
    """The recording in a page, whose beginning was read already; `None` where it holds none.

    Raises `ValueError` where it is not as it was put in.
    """
    begin += rest.read(_WITHIN - len(begin))
    _, mark, text = begin.partition(_BEGIN)
    if not mark:
        return None
    text, mark, _ = (text + rest.read()).partition(_END)
    if not mark:
        raise ValueError("the page breaks off")
    try:
        with gzip.open(io.BytesIO(base64.b64decode(text.strip(), validate=True))) as file:
            lines = file.read(MOST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("it cannot be unpacked") from error
    if len(lines) > MOST:
        raise ValueError(f"it unpacks to more than {MOST / 1e6:.0f} MB")
    return lines
