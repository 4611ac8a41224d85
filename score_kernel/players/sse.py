"""Server-sent events, from bytes in pieces of any size.

The framing of the HTML standard, section 9.2.6 ("Interpreting an event stream"): lines end with LF,
CR or CRLF, a leading byte order mark is skipped, `data` lines of one event are joined with LF, a
blank line ends the event. `id` and `retry` are of no use to a single answer and are ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOM = b"\xef\xbb\xbf"


class Sent(NamedTuple):
    """One event: its name (empty where it has none) and its data."""

    name: bytes
    data: bytes


class Framer:
    """Cuts a stream of bytes into events.

    >>> framer = Framer()
    >>> list(framer.feed(b"data: 1\\n\\nda")), list(framer.feed(b"ta: 2\\n\\n"))
    ([Sent(name=b'', data=b'1')], [Sent(name=b'', data=b'2')])
    """

    def __init__(self) -> None:
        self._rest = b""
        self._name = b""
        self._data: list[bytes] = []
        self._begun = False

    def feed(self, data: bytes) -> Iterator[Sent]:
        """The events that these bytes complete."""
        rest = self._rest + data
        if not self._begun:
            if len(rest) < len(_BOM) and _BOM.startswith(rest):
                self._rest = rest
                return
            self._begun = True
            rest = rest.removeprefix(_BOM)
        lines = rest.splitlines(keepends=True)
        # A lone CR at the end may be the first half of a CRLF.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            sent = self._line(line.rstrip(b"\r\n"))
            if sent is not None:
                yield sent

    def close(self) -> Iterator[Sent]:
        """The last event of a stream that ended without the blank line, which many servers leave out."""
        for line in (self._rest.rstrip(b"\r\n"), b""):
            sent = self._line(line)
            if sent is not None:
                yield sent
        self._rest = b""

    def _line(self, line: bytes) -> Sent | None:
        if not line:
            name, data = self._name, self._data
            self._name, self._data = b"", []
            return Sent(name, b"\n".join(data)) if data else None
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value
        return None
