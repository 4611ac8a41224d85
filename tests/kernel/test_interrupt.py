"""A real ipykernel: the stop button, and the kernel's freedom while a performance goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .kernel import HANG

if TYPE_CHECKING:
    from .kernel import Kernel


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
    kernel.rest()
    kernel.manager.interrupt_kernel()
    kernel.until("[c.status for c in score.take.contributions] == ['cut', 'waiting', 'waiting']")
    kernel.run("go.set()")
    assert kernel.run("%cue resume")["status"] == "ok"
    assert kernel.value("score.take.wait(60).status") == "finished"
    assert kernel.value("entered") == ["first", "first", "second"]


def test_the_kernel_stays_usable_after_an_interrupt_with_nothing_playing(kernel: Kernel) -> None:
    kernel.rest()
    kernel.manager.interrupt_kernel()
    assert kernel.run("1 + 1")["status"] == "ok"
    kernel.run("go.set()")
    assert kernel.run("%%conduct")["status"] == "ok"
