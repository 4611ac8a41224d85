"""The state of a log without folding all of it: its newest usable snapshot, and what follows.

A snapshot is never the truth, only a short cut to it. It is the MessagePack encoding of a
`ScoreState`, kept with a fingerprint of what a state is and how it is folded; one with another
fingerprint, of an older or newer version of this library, is left alone and the events are folded
again. States that MessagePack cannot hold (lone surrogates, integers beyond 64 bits) are written
as JSON of the standard library, which can.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from ..errors import StoreUnreadable
from ..score import codec
from ..score import state as folding
from ..score.state import IllegalEvent, ScoreState

if TYPE_CHECKING:
    from ..score.ports import Log

KEEP = 2
"""How many snapshots a log keeps: the newest, and one more should that be unusable."""

_ENCODER = msgspec.msgpack.Encoder(enc_hook=codec.plain)
_DECODER = msgspec.msgpack.Decoder(ScoreState)


def load(log: Log) -> ScoreState:
    """The state that a log's events amount to, from its newest usable snapshot where it has one.

    Raises `StoreUnreadable`, naming the event, where the events cannot have happened like this.

    >>> log = SqliteLog("piece.score")          # doctest: +SKIP
    >>> state = load(log)                       # doctest: +SKIP
    """
    state = next(log.snapshots(), None) or ScoreState()
    seq = state.seq
    try:
        for event in log.read(after=seq):
            seq = event.seq
            state.apply(event)
    except IllegalEvent as error:
        raise StoreUnreadable(f"{log}: event {seq} cannot have happened ({error}); {REMEDY}") from error
    return state


REMEDY = "use another file, or a copy from before"


def pack(state: ScoreState) -> bytes:
    """A state as bytes."""
    try:
        return _ENCODER.encode(state)
    except (UnicodeEncodeError, OverflowError):
        plain = msgspec.to_builtins(state, str_keys=True, enc_hook=codec.plain)
        return json.dumps(plain, separators=(",", ":")).encode("ascii")


def unpack(body: bytes) -> ScoreState | None:
    """The state of these bytes, or `None` where they are none."""
    try:
        if body[:1] == b"{":  # no MessagePack map begins so
            return msgspec.convert(json.loads(body), ScoreState, str_keys=True)
        return _DECODER.decode(body)
    except (ValueError, TypeError):  # msgspec's errors are ValueErrors
        return None


@cache
def fingerprint() -> str:
    """What a snapshot must have been written with to be read: the fields of a state, and the fold."""
    schema = json.dumps(msgspec.json.schema(ScoreState), sort_keys=True)
    try:
        source = inspect.getsource(folding)
    except OSError:  # an installation without sources
        source = ""
    return hashlib.sha256(f"{schema}\n{source}".encode()).hexdigest()
