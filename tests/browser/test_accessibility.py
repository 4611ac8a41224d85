"""The view is there for everybody: axe-core finds nothing, and all of it can be done by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .axe import violations
from .test_conducting import ASKING, Piece
from .test_saved import recorded, saved

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser

# By an outline of its own, the ring of the box around it, or the one that is drawn over it.
IS_SEEN = """node => getComputedStyle(node).outlineStyle !== "none"
  || getComputedStyle(node.parentElement).boxShadow !== "none"
  || getComputedStyle(node, "::after").borderTopWidth === "2px" """
STATES = ("plain", "section", "failed", "noted", "held", "tools", "loop", "stopped")


def first_bar(view: Locator) -> Locator:
    return view.get_by_role("listbox", name="Contributions").get_by_role("option").first


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_whatever_was_played(lab: Jupyter, notebook: Opener, theme: str) -> None:
    name = f"axe-{theme}.ipynb"
    lab.write(name, [saved(recorded(fixture)) for fixture in STATES])
    page = notebook(name, kernel=False)
    page.theme(f"JupyterLab {theme}")
    for n, state in enumerate(STATES):
        page.reveal(n)
        view = page.output(n).locator(".score-kernel")
        first_bar(view).click()
        expect(view.get_by_role("region", name="Inspector")).to_be_visible()
        view.get_by_role("button", name="Keys").click()
        assert violations(view) == [], state
    page.theme("JupyterLab Light")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_while_it_plays_and_asks(lab: Jupyter, notebook: Opener, theme: str) -> None:
    piece = Piece(lab, notebook, f"axe-live-{theme}", ASKING)
    piece.found.theme(f"JupyterLab {theme}")
    expect(piece.asked()).to_have_count(3)
    piece.answer("docs", "Edit")
    assert violations(piece.view.locator(".score-kernel")) == []
    piece.answer("docs", "Cancel")
    piece.found.theme("JupyterLab Light")


def test_a_bar_is_found_and_read_by_keyboard_alone(lab: Jupyter, notebook: Opener) -> None:
    lab.write("keys.ipynb", [saved(recorded("section"))])
    page = notebook("keys.ipynb", kernel=False)
    view = page.output(0)
    keyboard = page.page.keyboard
    playhead = view.get_by_role("slider", name="Playhead")
    playhead.focus()
    keyboard.press("Home")
    expect(playhead).to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))
    keyboard.press("End")
    timeline = view.get_by_role("listbox", name="Contributions")
    search = view.get_by_role("textbox", name="Search")
    for _ in range(20):  # on to the timeline, control by control
        if timeline.evaluate("node => node === document.activeElement"):
            break
        keyboard.press("Tab")
        focused = page.page.locator(":focus")
        assert focused.get_attribute("aria-label"), focused.evaluate("node => node.outerHTML")
        assert focused.evaluate(IS_SEEN), focused.evaluate("node => node.outerHTML")
    expect(timeline).to_be_focused()
    keyboard.press("/")
    expect(search).to_be_focused()
    keyboard.type("reviewer[1]")
    keyboard.press("Enter")
    inspector = view.get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("reviewer[1]")
    keyboard.press("Escape")
    expect(timeline).to_be_focused()
    keyboard.press("ArrowDown")
    expect(inspector).not_to_contain_text("reviewer[1]")
    option = timeline.get_attribute("aria-activedescendant")
    assert option
    assert page.page.locator(f"[id='{option}']").get_attribute("aria-selected") == "true"
    keyboard.press("Enter")
    expect(inspector.locator(":focus")).to_have_count(1)
    keyboard.press("Escape")
    expect(inspector.locator(":focus")).to_have_count(0)
