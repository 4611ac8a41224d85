"""A real ipykernel: the stop button, and the kernel's freedom while a performance goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Iterator

HANG = 60  # seconds: generous, only against a test that would hang

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


class Kernel:
    """A kernel, driven as a notebook drives it."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=HANG)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def start(self, code: str) -> str:
        """Send a cell, and go on."""
        return self.client.execute(code)

    def finish(self, cell: str) -> dict[str, Any]:
        """Wait for a cell's end, and give its reply."""
        deadline = time.monotonic() + HANG
        while time.monotonic() < deadline:
            reply = self.client.get_shell_msg(timeout=HANG)
            if reply["parent_header"].get("msg_id") == cell:
                return reply["content"]
        raise TimeoutError(cell)

    def run(self, code: str) -> dict[str, Any]:
        return self.finish(self.start(code))

    def value(self, expression: str) -> Any:
        """The value of an expression, asked between cells."""
        cell = self.client.execute("", user_expressions={"it": expression}, silent=True)
        return eval(self.finish(cell)["user_expressions"]["it"]["data"]["text/plain"])

    def until(self, expression: str) -> None:
        """Wait until an expression is true: a state, not a time."""
        deadline = time.monotonic() + HANG
        while not self.value(expression):
            assert time.monotonic() < deadline, expression


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


def interrupted(kernel: Kernel, code: str) -> dict[str, Any]:
    """Start a conducting cell, interrupt it once it plays, and give its reply."""
    cell = kernel.start(code)
    stdout = ""
    while "playing" not in stdout:  # the cell's own output says that it is under way
        message = kernel.client.get_iopub_msg(timeout=HANG)
        stdout += "playing" if message["msg_type"] == "display_data" else ""
    kernel.manager.interrupt_kernel()
    return kernel.finish(cell)


@pytest.mark.parametrize("code", ["%%conduct", "x = %conduct"])
def test_interrupting_the_cell_pauses_the_performance_and_frees_the_kernel(kernel: Kernel, code: str) -> None:
    reply = interrupted(kernel, code)
    assert reply["status"] == "error"
    assert reply["ename"] == "PerformancePaused"
    assert reply["evalue"] == (
        "take1 is paused; first still plays to its end: %cue resume goes on, %cue stop ends it"
    )
    assert kernel.value("score.take.status") == "paused"
    kernel.run("go.set()")
    kernel.until("score.take['first'].status == 'played'")
    assert kernel.value("entered") == ["first"]
    assert kernel.run("%cue resume")["status"] == "ok"
    assert kernel.value("score.take.wait(60).status") == "finished"
    assert kernel.value("entered") == ["first", "second"]


def test_interrupting_again_between_cells_cuts_what_still_plays(kernel: Kernel) -> None:
    interrupted(kernel, "%%conduct")
    assert kernel.value("score.take['first'].status") == "playing"
    kernel.manager.interrupt_kernel()
    kernel.until("[c.status for c in score.take.contributions] == ['cut', 'waiting', 'waiting']")
    kernel.run("go.set()")
    assert kernel.run("%cue resume")["status"] == "ok"
    assert kernel.value("score.take.wait(60).status") == "finished"
    assert kernel.value("entered") == ["first", "first", "second"]


def test_the_kernel_stays_usable_after_an_interrupt_with_nothing_playing(kernel: Kernel) -> None:
    kernel.manager.interrupt_kernel()
    assert kernel.run("1 + 1")["status"] == "ok"
    kernel.run("go.set()")
    assert kernel.run("%%conduct")["status"] == "ok"
