"""The timeline under fingers, in a real JupyterLab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .test_saved import recorded, saved

if TYPE_CHECKING:
    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser


def seconds(text: str | None) -> list[float]:
    return [float(found) for found in re.findall(r"[\d.]+(?= s)", text or "")]


def test_two_fingers_zoom_and_one_pans(lab: Jupyter, notebook: Opener) -> None:
    lab.write("touch.ipynb", [saved(recorded())])
    page = notebook("touch.ipynb", kernel=False)
    timeline = page.output(0).get_by_role("listbox", name="Contributions")
    timeline.wait_for()
    box = timeline.bounding_box()
    assert box is not None
    devtools = page.page.context.new_cdp_session(page.page)
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

    def touch(kind: str, *shares: float) -> None:
        points: list[dict[str, Any]] = [
            {"x": box["x"] + share * box["width"], "y": box["y"] + box["height"] / 2, "id": n}
            for n, share in enumerate(shares)
        ]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    in_sight = page.output(0).get_by_role("slider", name="Time in sight")
    expect(in_sight).to_have_count(0)  # all of it is
    touch("touchStart", 0.4, 0.6)
    for n in range(1, 7):
        touch("touchMove", 0.4 - n * 0.05, 0.6 + n * 0.05)
    touch("touchEnd")
    expect(in_sight).to_be_visible()
    start, end, whole = seconds(in_sight.get_attribute("aria-valuetext"))
    assert (end - start) < whole / 2
    assert start > 0  # what was between the fingers is there still
    touch("touchStart", 0.2)
    for n in range(1, 7):
        touch("touchMove", 0.2 + n * 0.05)
    touch("touchEnd")
    expect(in_sight).not_to_have_attribute("aria-valuetext", re.compile(rf"^{start:.1f} s to {end:.1f} s"))
    moved, *_ = seconds(in_sight.get_attribute("aria-valuetext"))
    assert moved < start
    expect(page.output(0).get_by_role("region", name="Inspector")).to_have_count(0)  # it was no tap
    devtools.detach()
