"""The minimap in a real JupyterLab: there when a take is large, and a handle on what is in sight."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .axe import violations

if TYPE_CHECKING:
    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

SETUP = """%load_ext score_kernel
names = [f"item {n}" for n in range(60)]
lines = ["Some words, ", {"wait": 2, "text": "and a few more after a while."}]
"""
COMPOSE = "%%compose Words\nSay a few words about each."
TEAM = """%%orchestrate
parts:
  worker: {task: Say some, player: script:lines, each: names}
  editor: {task: Sum up, player: script:lines, after: [worker]}
"""
SPAN = re.compile(r"([\d.]+) s to ([\d.]+) s of ([\d.]+) s")


def played(lab: Jupyter, notebook: Opener, path: str) -> Notebook:
    """A notebook in which a section of sixty items was played."""
    lab.write(path, [SETUP, COMPOSE, TEAM, "%%conduct"])
    found = notebook(path)
    for n in range(4):
        found.run(n)
    return found


def test_the_window_on_the_minimap_moves_what_is_in_sight(lab: Jupyter, notebook: Opener) -> None:
    found = played(lab, notebook, "minimap.ipynb")
    view = found.output(3)
    window = view.get_by_role("slider", name="Time in sight")
    # one row and all of its time: it would say nothing new
    expect(view.get_by_role("option", name=re.compile("worker, 60 of 60 played"))).to_be_visible()
    expect(window).to_have_count(0)
    view.get_by_role("button", name="Unfold worker").click()
    expect(window).to_be_visible()
    found.shot("minimap-light", view)

    def span() -> tuple[float, float, float]:
        # a moved pointer is heard of in the next frame
        found.page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        told = SPAN.fullmatch(str(window.get_attribute("aria-valuetext")))
        assert told
        start, end, whole = map(float, told.groups())
        return start, end, whole

    start, end, whole = span()
    assert (start, end) == (0, whole)
    window.hover()  # it stands still then, in sight
    box = window.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    mouse = found.page.mouse
    # its right edge, to the middle; then the window itself, to the right
    mouse.move(box["x"] + box["width"] - 2, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    mouse.up()
    start, end, _ = span()
    assert start == 0
    assert whole * 0.4 <= end <= whole * 0.6
    mouse.move(box["x"] + box["width"] / 4, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, middle, steps=4)
    mouse.up()
    start, end, _ = span()
    assert whole * 0.15 <= start <= whole * 0.35
    assert whole * 0.65 <= end <= whole * 0.85
    # elsewhere: there is its middle then
    window.click(position={"x": 8, "y": 20})
    assert span()[0] == 0
    window.press("End")
    assert span()[1] == whole
    window.press("ArrowLeft")
    assert span()[1] < whole
    found.theme("JupyterLab Dark")
    found.shot("minimap-dark", view)
    found.theme("JupyterLab Light")


def test_all_rows_are_seen_at_once_and_their_height_is_dragged(lab: Jupyter, notebook: Opener) -> None:
    found = played(lab, notebook, "afar.ipynb")
    view = found.output(3)
    expect(view.get_by_role("option", name=re.compile("worker, 60 of 60 played"))).to_be_visible()
    every = view.get_by_role("button", name="All rows")
    expect(every).to_have_count(0)  # they are
    view.get_by_role("button", name="Unfold worker").click()
    expect(every).to_have_attribute("aria-pressed", "false")
    # the last row is out of sight, and its bar has no option
    last = view.get_by_role("option", name=re.compile(r"^worker\[59\], played"))
    expect(last).to_have_count(0)
    every.click()
    expect(every).to_have_attribute("aria-pressed", "true")
    expect(last).to_have_count(1)
    rows = view.locator(".sk-scroll")
    assert rows.evaluate("rows => rows.scrollHeight <= rows.clientHeight")
    last.click()
    expect(view.get_by_role("region", name="Inspector")).to_contain_text("worker[59]")
    assert violations(view.locator(".score-kernel")) == []
    found.shot("afar-light", view)
    found.theme("JupyterLab Dark")
    found.shot("afar-dark", view)
    found.theme("JupyterLab Light")

    grip = view.get_by_role("separator", name="Height of the rows")
    grip.scroll_into_view_if_needed()
    grip.hover()  # it stands still then
    before = rows.bounding_box()
    box = grip.bounding_box()
    assert before
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    found.page.mouse.move(*middle)
    found.page.mouse.down()
    found.page.mouse.move(middle[0], middle[1] - 100, steps=5)
    found.page.mouse.up()
    expect(grip).to_have_attribute("aria-valuenow", str(round(before["height"]) - 100))
    # all of them are still there
    assert rows.evaluate("rows => rows.scrollHeight <= rows.clientHeight")
    every.click()
    expect(last).to_have_count(0)
    grip.dblclick()
    expect(view.locator(".sk-scroll")).to_have_css("height", f"{before['height']:g}px")
