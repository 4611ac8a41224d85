"""A real ipykernel: the view's buttons work while the cell is busy, whichever way it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kernel import Page

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
