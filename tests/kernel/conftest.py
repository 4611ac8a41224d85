"""A real ipykernel, with a piece whose first part plays until it is told to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = """
%load_ext score_kernel
import asyncio, threading
go = threading.Event()
entered = []
async def waits(reading):
    entered.append(reading.part)
    yield "begun "
    while not go.is_set():
        await asyncio.sleep(0.01)
    yield "ended"
"""
TEAM = """%%orchestrate
parts:
  first: {player: python:waits}
  second: {player: python:waits, after: [first]}
"""


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        assert kernel.run(PIECE)["status"] == "ok"
        assert kernel.run("%%compose\nAn intent.")["status"] == "ok"
        assert kernel.run(TEAM)["status"] == "ok"
        yield kernel
    finally:
        kernel.close()
