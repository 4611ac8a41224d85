"""A real ipykernel: the view's buttons work while the cell is busy, whichever way it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kernel import HANG, Page

if TYPE_CHECKING:
    from .kernel import Kernel


@pytest.mark.parametrize("code", ["%%conduct", "x = %conduct"])
def test_a_page_steers_the_performance_of_a_busy_cell(kernel: Kernel, code: str) -> None:
    cell = kernel.start(code)
    page = Page(kernel)
    for cue, event in (("pause", "paused"), ("resume", "resumed"), ("stop", "take-ended")):
        page.cue(cue)
        page.until(event)
    assert kernel.finish(cell)["status"] == "ok"
    assert kernel.value("score.take.status") == "stopped"


def test_a_page_branches_and_goes_on_with_the_take_that_comes_of_it(kernel: Kernel) -> None:
    cell = kernel.start("%%conduct")
    page = Page(kernel)
    page.cue("stop")
    page.until("take-ended")
    kernel.finish(cell)
    page.cue("branch", moment="take1")
    assert page.shown() == "take2"
    page.cue("branch", moment="take1")
    assert "take2 is still playing" in page.refused()
    kernel.run("go.set()")
    page.until("take-ended")
    assert kernel.value("(take.id, take.parent.id, take.status)") == ("take2", "take1", "finished")


def test_one_line_tells_where_the_buttons_wait_for_the_cell(kernel: Kernel) -> None:
    """Where a page can be heard in a busy cell, there is nothing to tell."""
    features = kernel.value("get_ipython().kernel.kernel_info.get('supported_features', ())")
    told: list[str] = []
    for _ in range(2):
        cell = kernel.start("%conduct --fresh-all")
        busy = True
        while busy:
            message = kernel.client.get_iopub_msg(timeout=HANG)
            if message["parent_header"].get("msg_id") != cell:
                continue
            if message["msg_type"] == "display_data":
                kernel.manager.interrupt_kernel()
            if message["msg_type"] == "stream":
                told.append(message["content"]["text"])
            busy = message["content"].get("execution_state") != "idle"
        assert kernel.finish(cell)["ename"] == "PerformancePaused"
    # with no page, and no notebook's name, this client looks like a console: it is told the takes' lines
    lines = [line for line in "".join(told).splitlines() if not line.startswith("<Take")]
    line = "The view's buttons wait for the cell to end; with ipykernel 7 they would not."
    assert lines == ([] if "kernel subshells" in features else [line])
