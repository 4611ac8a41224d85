"""An OpenAI-compatible provider on loopback that streams on schedule, in a process of its own.

    python benchmarks/provider.py        prints its base URL and serves until its input is closed

The model's name says what to stream: `stream-100x5` is 100 chunks, the k-th due k * 5 ms after the
request. Where the provider or its reader is late, all chunks that are due go out together, so a
stream never lasts longer for the provider's sake. Standard library only, so that it stays small
beside the clients that it measures.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)


def text_of(model: str) -> str:
    """The text that a model streams, to be compared with what a client got."""
    count, _ = _shape(model)
    return "".join(_word(number) for number in range(count))


def _shape(model: str) -> tuple[int, float]:
    found = re.search(r"stream-(\d+)x([\d.]+)", model)
    if not found:
        raise ValueError(f"a model is named like stream-100x5, and not {model}")
    return int(found[1]), float(found[2]) / 1000


def _word(number: int) -> str:
    return f"word{number} "


@cache
def _frames(model: str) -> tuple[bytes, ...]:
    """One HTTP chunk for each text chunk; the last one brings the end and the usage along."""
    count, _ = _shape(model)

    def sse(choices: list[dict[str, Any]], **more: Any) -> bytes:
        event = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
        return b"data: " + json.dumps({**event, "choices": choices, **more}).encode() + b"\n\n"

    def choice(finish: str | None, **delta: str) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": delta, "finish_reason": finish}]

    usage = {"prompt_tokens": 10, "completion_tokens": count, "total_tokens": count + 10}
    payloads = [sse(choice(None, role="assistant", content=_word(number))) for number in range(count)]
    payloads[-1] += sse(choice("stop")) + sse([], usage=usage) + b"data: [DONE]\n\n"
    frames = [b"%x\r\n%s\r\n" % (len(payload), payload) for payload in payloads]
    frames[-1] += b"0\r\n\r\n"
    return tuple(frames)


class Connection(asyncio.Protocol):
    """One client's connection: requests one after the other, kept alive between them."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.I)
        size = int(length[1]) if length else 0
        if found and len(rest) >= size:
            self._received = rest[size:]
            self._answer(json.loads(rest[:size])["model"])

    def _answer(self, model: str) -> None:
        _, gap = _shape(model)
        self.transport.write(HEAD)
        self._stream(_frames(model), 0, gap, self._loop.time())

    def _stream(self, frames: tuple[bytes, ...], sent: int, gap: float, began: float) -> None:
        if self.transport.is_closing():
            return
        due = min(len(frames), int((self._loop.time() - began) / gap + 1e-6)) if gap else len(frames)
        if due > sent:
            self.transport.write(b"".join(frames[sent:due]))
        if due < len(frames):
            self._loop.call_at(began + (due + 1) * gap, self._stream, frames, due, gap, began)


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextmanager
def running() -> Generator[str]:
    """A provider in its own process; its base URL."""
    process = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)


if __name__ == "__main__":
    asyncio.run(serve())
