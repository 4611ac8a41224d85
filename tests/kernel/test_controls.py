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
