"""Conducting from the view in a real JupyterLab and Notebook 7: every answer is given while the cell is busy."""

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
TEMPOS = """print(json.dumps([
    " ".join(str(x) for x in (e.tempo.lead, e.tempo.at_once) if x is not None)
    for e in take.events if hasattr(e, "tempo")
]))"""
TAKES = """print(json.dumps([
    [take.id, take.status, take.parent.id if take.parent else None] for take in score.takes
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
LADDER = """  first:    {task: Write the how-to, player: python:writes, hold: true}
  second:   {task: Sum up, player: python:sums_up, after: [first]}
  third:    {task: Sum up, player: python:sums_up, after: [second], hold: true}
  fourth:   {task: Sum up, player: python:sums_up, after: [second], hold: true}
"""


BOTH = pytest.mark.parametrize("app", ["lab", "notebooks"])


class Piece:
    """A performance whose cell is busy, with `porter` playing until the gate is opened."""

    def __init__(self, lab: Jupyter, notebook: Opener, name: str, parts: str, app: str = "lab") -> None:
        self._gate = lab.root / f"{name}.go"
        cells = [LOAD.replace("GATE", self._gate.name), COMPOSE, f"%%orchestrate\nparts:\n{PORTER}{parts}"]
        lab.write(f"{name}.ipynb", [*cells, CONDUCT, STATUSES, TEMPOS, TAKES])
        self.found = notebook(f"{name}.ipynb", app=app)
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

    def say(self, who: str, button: str, box: str, text: str, then: str) -> None:
        """Answer with a text of one's own."""
        self.answer(who, button)
        self.asked(who).get_by_role("textbox", name=box).fill(text)
        self.answer(who, then)

    def dial(self, name: str, value: str) -> None:
        """Set a number of the tempo, as somebody does who then presses Enter."""
        dial = self.view.get_by_role("spinbutton", name=name)
        dial.fill(value)
        dial.press("Enter")

    def is_busy(self) -> None:
        """The cell is still being run: it has not been waited for."""
        assert self.found.cell(3).locator(".jp-InputPrompt").inner_text() == "[*]:"

    def open(self) -> None:
        """Open the gate, so that the porter comes to the end."""
        self._gate.touch()

    def end(self) -> None:
        """Open the gate, which lets the cell end."""
        self.is_busy()
        self.open()
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


@BOTH
def test_a_hold_a_human_part_and_a_tool_call_are_answered_while_the_cell_is_busy(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    piece = Piece(lab, notebook, f"answers-{app}", ASKING, app)
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


def test_the_items_of_a_section_are_edited_sent_back_and_refused_while_the_cell_is_busy(
    lab: Jupyter, notebook: Opener
) -> None:
    piece = Piece(lab, notebook, "items", REVIEWING)
    expect(piece.asked()).to_have_count(3)
    piece.shots("section-asked")
    piece.say("reviewer[0]", "Edit", "Edited text", "Why was read twice.", "Approve")
    piece.say("reviewer[1]", "Send back", "Note back", "Shorter, please.", "Send back")
    piece.answer("reviewer[2]", "Refuse")
    expect(piece.asked()).to_have_count(1)
    expect(piece.asked("reviewer[1]")).to_contain_text("Shorter, please.")
    piece.answer("reviewer[1]", "Approve")
    expect(piece.bars("editor, played")).to_have_count(1)
    piece.end()
    assert sorted(played for played in piece.in_the_kernel() if played[1] == "played") == [
        ["editor", "played", "reviewer: Why was read twice., How to was read. Shorter, please."],
        ["porter", "played", "The door is locked. It is open."],
        ["reviewer[0]", "played", "Why was read twice."],
        ["reviewer[1]", "played", "How to was read. Shorter, please."],
    ]


def test_the_tempo_is_dialled_in_mid_performance_and_obeyed_while_the_cell_is_busy(
    lab: Jupyter, notebook: Opener
) -> None:
    piece = Piece(lab, notebook, "tempo", LADDER)
    expect(piece.asked("first")).to_have_count(1)
    piece.view.get_by_role("combobox", name="Lead").select_option("conductor")
    piece.answer("first", "Approve")
    expect(piece.bars("first, played")).to_have_count(1)
    expect(piece.view).to_contain_text("waits for a beat")
    piece.button("Beat").click()
    expect(piece.bars("second, played")).to_have_count(1)
    piece.dial("At once", "1")
    expect(piece.view).to_contain_text("conductor leads, 1 at once")
    piece.view.get_by_role("combobox", name="Lead").select_option("free")
    expect(piece.view).to_contain_text("Tempo free, 1 at once")
    piece.shots("tempo")
    expect(piece.asked()).to_have_count(0)  # the porter is the one
    piece.dial("At once", "2")
    expect(piece.asked()).to_have_count(2)  # what waits for the conductor leaves its place to others
    piece.answer("third", "Approve")
    piece.answer("fourth", "Approve")
    expect(piece.bars("third, played")).to_have_count(1)
    expect(piece.bars("fourth, played")).to_have_count(1)
    piece.end()
    assert piece.in_the_kernel(5) == ["free", "conductor", "conductor 1", "free 1", "free 2"]


@BOTH
def test_parts_are_muted_limits_set_a_note_written_by_key_and_all_of_it_stopped_while_the_cell_is_busy(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    piece = Piece(lab, notebook, f"limits-{app}", LADDER, app)
    piece.button("Mute fourth").click()
    expect(piece.button("Unmute fourth")).to_be_visible()
    piece.answer("first", "Approve")
    expect(piece.asked("third")).to_have_count(1)
    expect(piece.asked("fourth")).to_have_count(0)
    piece.button("Unmute fourth").click()
    expect(piece.asked("fourth")).to_have_count(1)

    piece.dial("Rate", "90")
    expect(piece.view).to_contain_text("Tempo free, 90/min")
    piece.dial("Budget", "1.5")
    expect(piece.view).to_contain_text("90/min, $1.50 at most")
    piece.dial("Deadline", "3600")
    expect(piece.view).to_contain_text("$1.50 at most, 3600.0 s at most")
    piece.dial("Budget", "")
    expect(piece.view).to_contain_text("90/min, 3600.0 s at most")

    timeline = piece.view.get_by_role("listbox", name="Contributions")
    timeline.press("n")
    note = piece.view.get_by_role("textbox", name="Note", exact=True)
    expect(note).to_be_focused()
    note.fill("Shorter, please.")
    piece.view.get_by_role("combobox", name="Note to").select_option("third")
    piece.button("Send note").click()
    expect(piece.view.get_by_role("list", name="Notes")).to_contain_text("Shorter, please.")
    timeline.press("b")
    expect(piece.view).to_contain_text("take1 is still playing: wait for it, pause it, or end it")
    piece.is_busy()
    piece.button("Stop performance").click()
    piece.found.wait_idle()
    assert piece.in_the_kernel(6) == [["take1", "stopped", None]]


def test_a_branch_is_made_by_button_while_the_cell_is_busy(lab: Jupyter, notebook: Opener) -> None:
    piece = Piece(lab, notebook, "branch", LADDER)
    piece.answer("first", "Approve")
    expect(piece.bars("second, played")).to_have_count(1)
    playhead = piece.view.get_by_role("slider", name="Playhead")
    playhead.fill("0")
    piece.button("Branch here").click()
    expect(piece.view).to_contain_text("take1 is still playing: wait for it, pause it, or end it")
    piece.button("Pause performance").click()
    expect(piece.button("Resume performance")).to_be_visible()
    piece.is_busy()  # with the porter, who has not come to the end
    piece.button("Branch here").click()
    expect(piece.view).to_contain_text("take2")
    expect(piece.asked("first")).to_have_count(1)  # it was not yet approved, then
    piece.say("first", "Edit", "Edited text", "The other how-to.", "Approve")
    expect(piece.bars("second, played")).to_have_count(1)
    piece.shots("branched")
    piece.open()
    expect(piece.bars("porter, played")).to_have_count(1)
    piece.answer("third", "Approve")
    piece.answer("fourth", "Approve")
    expect(piece.bars("fourth, played")).to_have_count(1)
    assert piece.in_the_kernel()[1:3] == [
        ["first", "played", "The other how-to."],
        ["second", "played", "first: The other how-to."],
    ]
    assert piece.in_the_kernel(6) == [["take1", "stopped", None], ["take2", "finished", "take1"]]
