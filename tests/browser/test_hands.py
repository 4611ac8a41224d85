"""Every control and every key of a view, in JupyterLab, in Notebook 7 and in a saved page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from score_kernel import Score

from .test_page import saved as saved  # the fixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from .conftest import Opener
    from .jupyter import Jupyter
    from .test_page import Opener as PageOpener

pytestmark = pytest.mark.browser

CODE = "def add(a, b):\n    return a + b\n"
LINES = {
    "coder": [{"wait": 0.4, "text": "Here it is:\n\n"}, {"wait": 0.4, "text": f"```python\n{CODE}```"}],
    "tester": [{"wait": 0.4, "text": "It adds, "}, {"wait": 0.4, "text": "**for sure**."}],
}
OPEN = """%load_ext score_kernel
%score load hands.score.jsonl"""


def is_polite(contribution: object) -> bool:
    return "please" in str(getattr(contribution, "text", ""))


class Hands:
    """A view with two takes of a coder and a tester, who is off-key in both."""

    def __init__(self, page: Page, view: Locator) -> None:
        self.page, self.view = page, view

    def button(self, name: str) -> Locator:
        return self.view.get_by_role("button", name=name, exact=True)

    @property
    def timeline(self) -> Locator:
        return self.view.get_by_role("listbox", name="Contributions")

    def bar(self, part: str) -> Locator:
        return self.timeline.get_by_role("option", name=re.compile(f"^{part}, "))

    @property
    def playhead(self) -> Locator:
        return self.view.get_by_role("slider", name="Playhead")

    @property
    def inspector(self) -> Locator:
        return self.view.get_by_role("region", name="Inspector")

    def is_at(self, told: str) -> None:
        expect(self.playhead).to_have_attribute("aria-valuetext", re.compile(told))

    def key(self, key: str) -> None:
        self.timeline.focus()
        self.timeline.press(key)


@pytest.fixture(params=["lab", "notebooks", "page"])
def hands(
    request: pytest.FixtureRequest, tmp_path: Path, lab: Jupyter, notebook: Opener, saved: PageOpener
) -> Hands:
    score = Score()
    score.compose("A function that adds.\n\n## Criteria\n- it adds", title="Adding")
    team = {
        "coder": {"task": "Write it", "player": "script:lines"},
        "tester": {"task": "Test it", "player": "script:lines", "after": ["coder"], "checks": ["is_polite"]},
    }
    score.orchestrate({"parts": team}, namespace={"lines": LINES, "is_polite": is_polite})
    score.conduct("Keep it small.")
    score.conduct(fresh_all=True)
    if request.param == "page":
        page = saved(score.save(tmp_path / "hands.html")).open().page
        return Hands(page, page.locator("main"))
    score.save(lab.root / "hands.score.jsonl")
    path = f"hands-{request.param}.ipynb"
    lab.write(path, [OPEN, "%score"])
    found = notebook(path, app=request.param)
    found.run_all()
    return Hands(found.page, found.output(1))


def test_every_control_of_a_saved_view_does_what_it_says(hands: Hands) -> None:
    view, button = hands.view, hands.button
    end = str(hands.playhead.get_attribute("aria-valuetext"))
    expect(view.get_by_role("status", name="Performance")).to_contain_text("2 of 2 parts played")

    button("Back to start").click()
    hands.is_at(r"^0\.0 s")
    view.get_by_role("combobox", name="Speed").select_option("0.25")
    button("Play").click()
    button("Pause").click()
    expect(button("Play")).to_be_visible()
    assert hands.playhead.get_attribute("aria-valuetext") != end
    view.get_by_role("combobox", name="Speed").select_option("16")
    button("Play").click()
    hands.is_at(f"^{re.escape(end)}$")
    hands.playhead.fill("500")
    hands.is_at(r"^0\.5 s, coder playing")
    button("To end").click()
    hands.is_at(f"^{re.escape(end)}$")

    place = str(hands.bar("tester").get_attribute("style"))
    button("Zoom in").click()
    expect(hands.bar("tester")).not_to_have_attribute("style", place)
    button("Zoom out").click()
    button("Zoom to fit").click()
    expect(hands.bar("tester")).to_have_attribute("style", place)

    button("Hear it").click()
    expect(button("Hear it")).to_have_attribute("aria-pressed", "true")
    button("Hear it").click()
    expect(button("Hear it")).to_have_attribute("aria-pressed", "false")

    button("Orchestration graph").click()
    graph = view.get_by_role("region", name="Orchestration")
    graph.get_by_role("button", name=re.compile("coder")).click()
    expect(hands.inspector.get_by_role("heading", name="coder")).to_be_visible()
    button("Orchestration graph").click()
    expect(graph).to_have_count(0)

    search = view.get_by_role("textbox", name="Search")
    for copied, text in (("Copy code", CODE.split("\n")[0]), ("Copy text", "Here it is:")):
        hands.inspector.get_by_role("button", name=copied).click()
        expect(hands.inspector.get_by_role("button", name=copied)).to_have_text("copied")
        search.fill("")
        search.press("Control+v")
        expect(search).to_have_value(re.compile(re.escape(text)))
    search.fill("for sure")
    expect(view.get_by_label("Found")).to_have_text("1")
    search.press("Enter")
    expect(hands.inspector.get_by_role("heading", name="tester")).to_be_visible()
    search.fill("")

    view.get_by_role("list", name="Flags").get_by_role("button").first.click()
    expect(hands.inspector).to_contain_text("is_polite")
    view.get_by_role("combobox", name="Take").select_option("take1")
    expect(hands.inspector).to_have_count(0)
    hands.bar("coder").click()
    expect(hands.inspector).to_contain_text("Keep it small.")
    hands.inspector.get_by_role("combobox", name="Compare with").select_option(index=1)
    expect(hands.inspector).to_contain_text("take2")
    button("Keys").click()
    expect(view.get_by_role("dialog", name="Keys")).to_be_visible()
    button("Keys").click()
    expect(view.get_by_role("dialog", name="Keys")).to_have_count(0)
    # nothing that would need a kernel, or somebody who waits for an answer
    for name in ("Pause performance", "Stop performance", "Send note", "Approve", "Beat"):
        expect(button(name)).to_have_count(0)
    expect(button("Branch here")).to_be_disabled()


def test_every_key_does_what_it_says_and_escape_gives_the_focus_back(hands: Hands) -> None:
    end = str(hands.playhead.get_attribute("aria-valuetext"))
    hands.key("Home")
    hands.is_at(r"^0\.0 s")
    hands.key("ArrowRight")
    expect(hands.playhead).not_to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s, nothing"))
    hands.key("ArrowLeft")
    hands.is_at(r"^0\.0 s")
    hands.key("Space")
    expect(hands.button("Pause")).to_be_visible()
    hands.key("Space")
    expect(hands.button("Play")).to_be_visible()
    hands.key("End")
    hands.is_at(f"^{re.escape(end)}$")

    place = str(hands.bar("coder").get_attribute("style"))
    hands.key("+")
    expect(hands.timeline.locator(f'[style="{place}"]')).to_have_count(0)
    hands.key("-")
    hands.key("0")
    expect(hands.bar("coder")).to_have_attribute("style", place)

    hands.key("ArrowDown")
    expect(hands.bar("coder")).to_have_attribute("aria-selected", "true")
    hands.key("ArrowDown")
    expect(hands.bar("tester")).to_have_attribute("aria-selected", "true")
    hands.key("ArrowUp")
    hands.key("Enter")
    focused: Callable[[], bool] = lambda: bool(  # noqa: E731  a question that is asked again
        hands.inspector.evaluate("inspector => inspector.contains(document.activeElement)")
    )
    assert focused()

    hands.key("/")
    expect(hands.view.get_by_role("textbox", name="Search")).to_be_focused()
    hands.key("?")
    keys = hands.view.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    hands.timeline.press("Escape")
    expect(keys).to_have_count(0)
    expect(hands.timeline).to_be_focused()
    # there is no kernel to ask
    hands.key("n")
    hands.key("b")
    expect(hands.timeline).to_be_focused()
    hands.timeline.press("Escape")
    expect(hands.timeline).not_to_be_focused()
