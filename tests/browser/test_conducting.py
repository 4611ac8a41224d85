"""Conducting from the view in a real JupyterLab: every answer is given while the cell is busy."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser

# `porter` keeps the cell busy until the test opens the gate, so that whatever else happens by then
# was asked for in the view of a busy cell.
LOAD = """%load_ext score_kernel
import asyncio, json, pathlib
chapters = {"intro": "Why", "how": "How to", "end": "What next"}
async def waits(reading):
    yield "The door is locked. "
    while not pathlib.Path("GATE").exists():
        await asyncio.sleep(0.05)
    yield "It is open."
def writes(reading):
    return " ".join(["The how-to.", *reading.notes])
def reviews(reading):
    return " ".join([f"{reading.item} was read.", *reading.notes])
def sums_up(reading):
    return "; ".join(
        f"{part}: {', '.join(c.text for c in heard) if isinstance(heard, (list, tuple)) else heard.text}"
        for part in reading.parts for heard in [reading[part]]
    )
def search(query: str) -> str:
    "Search the archive."
    return f"Three hits for {query}."
def is_polite(contribution):
    return "please" in contribution.text.lower() or "nobody is asked kindly"
lines = [{"tool": "search", "args": {"query": "organ"}}, "I found it."]
"""
COMPOSE = "%%compose A handbook\nA handbook for organists.\n\n## Criteria\n- it is polite\n"
CONDUCT = "%%conduct draft"
STATUSES = """print(json.dumps([
    [c.part if c.item is None else f"{c.part}[{c.item}]", c.status, c.text_or("")] for c in take.contributions
]))"""
PORTER = "  porter:   {task: Keep the door, player: python:waits}\n"

ASKING = """  docs:     {task: Write the how-to, player: python:writes, hold: true}
  poet:     {task: Write a verse, player: human}
  finder:   {task: Find sources, player: script:lines, tools: [search], ask: [search]}
  editor:   {task: Sum up, player: python:sums_up, after: [docs, poet, finder]}
"""
REVIEWING = """  reviewer: {task: Read a chapter, player: python:reviews, each: chapters, hold: true}
  editor:   {task: Sum up, player: python:sums_up, after: [reviewer]}
"""


class Piece:
    """A performance whose cell is busy, with `porter` playing until the gate is opened."""

    def __init__(self, lab: Jupyter, notebook: Opener, name: str, parts: str, *more: str) -> None:
        self._gate = lab.root / f"{name}.go"
        cells = [LOAD.replace("GATE", self._gate.name), COMPOSE, f"%%orchestrate\nparts:\n{PORTER}{parts}"]
        lab.write(f"{name}.ipynb", [*cells, CONDUCT, STATUSES, *more])
        self.found = notebook(f"{name}.ipynb")
        for n in range(3):
            self.found.run(n)
        self.found.start(3)
        expect(self.bars("porter, playing")).to_have_count(1)

    @property
    def view(self) -> Locator:
        return self.found.output(3)

    @property
    def inspector(self) -> Locator:
        return self.view.get_by_role("region", name="Inspector")

    def bars(self, name: str = "") -> Locator:
        listbox = self.view.get_by_role("listbox", name="Contributions")
        return listbox.get_by_role("option", name=re.compile(name))

    def button(self, name: str) -> Locator:
        return self.view.get_by_role("button", name=name, exact=True)

    def asked(self, who: str = "") -> Locator:
        """The questions that wait for an answer: of one contribution, or all."""
        asked = self.view.get_by_role("region", name="Waits for you")
        return asked.get_by_role("group", name=who, exact=True) if who else asked.get_by_role("group")

    def answer(self, who: str, button: str) -> None:
        self.asked(who).get_by_role("button", name=button, exact=True).click()

    def dial(self, name: str, value: str) -> None:
        """Set a number of the tempo, as somebody does who then presses Enter."""
        dial = self.view.get_by_role("spinbutton", name=name)
        dial.fill(value)
        dial.press("Enter")

    def is_busy(self) -> None:
        """The cell is still being run: it has not been waited for."""
        assert self.found.cell(3).locator(".jp-InputPrompt").inner_text() == "[*]:"

    def end(self) -> None:
        """Open the gate, which lets the cell end."""
        self.is_busy()
        self._gate.touch()
        self.found.wait_idle()

    def in_the_kernel(self, n: int = 4) -> Any:
        """What a cell prints, as JSON."""
        self.found.run(n)
        return json.loads(self.found.output(n).inner_text())

    def shots(self, name: str) -> None:
        """Pictures in both themes, where somebody wants to look at them."""
        self.found.shot(f"{name}-light", self.view)
        self.found.theme("JupyterLab Dark")
        self.found.shot(f"{name}-dark", self.view)
        self.found.theme("JupyterLab Light")


def test_a_hold_a_human_part_and_a_tool_call_are_answered_while_the_cell_is_busy(
    lab: Jupyter, notebook: Opener
) -> None:
    piece = Piece(lab, notebook, "answers", ASKING)
    expect(piece.asked()).to_have_count(3)
    expect(piece.asked("docs")).to_contain_text("The how-to.")
    expect(piece.asked("finder")).to_contain_text("asks to call search")
    expect(piece.asked("finder")).to_contain_text("organ")
    piece.shots("asked")
    piece.answer("docs", "Approve")
    expect(piece.bars("docs, played")).to_have_count(1)
    piece.answer("finder", "Approve")
    expect(piece.bars("finder, played")).to_have_count(1)
    piece.asked("poet").get_by_role("textbox", name="Your contribution").fill("A pipe, a pedal: play.")
    piece.answer("poet", "Give contribution")
    expect(piece.bars("editor, played")).to_have_count(1)
    expect(piece.asked()).to_have_count(0)
    piece.bars("finder").click()
    expect(piece.inspector.get_by_role("list", name="Turns")).to_contain_text("search")
    piece.inspector.get_by_role("list", name="Turns").locator("summary").click()
    expect(piece.inspector).to_contain_text("Three hits for organ.")
    piece.shots("answered")
    piece.end()
    assert piece.in_the_kernel() == [
        ["porter", "played", "The door is locked. It is open."],
        ["docs", "played", "The how-to."],
        ["poet", "played", "A pipe, a pedal: play."],
        ["finder", "played", "I found it."],
        ["editor", "played", "docs: The how-to.; poet: A pipe, a pedal: play.; finder: I found it."],
    ]
