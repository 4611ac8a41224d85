"""Notes sent from the view while the cell is busy, and a take watched again, in a real JupyterLab."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from score_kernel.view.mime import MIME_TYPE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

LOAD = """%load_ext score_kernel
import asyncio, json, pathlib
async def tells(reading):
    yield f"{len(reading.notes)} notes were read. "
    while not pathlib.Path("GATE").exists():
        await asyncio.sleep(0.05)
    yield "That is all."
def sums_up(reading):
    return "It was told."
"""
COMPOSE = "%%compose Telling\nTell it.\n"
TWO = """%%orchestrate
parts:
  coder:  {task: Tell it, player: python:tells}
  editor: {task: Sum up, player: python:sums_up, after: [coder]}
"""
CONDUCT = "%%conduct draft"
READ = """print(json.dumps({
    part: [[c.status, list(c.reading.notes)] for c in take.contributions if c.part == part and c.started is not None]
    for part in ("coder", "editor")
}))
print([note.note for note in take.notes])"""


def conducting(lab: Jupyter, notebook: Opener, name: str) -> tuple[Notebook, Path]:
    """A cell that is busy, with the first part playing until the file that is given is there."""
    gate = lab.root / f"{name}.go"
    lab.write(f"{name}.ipynb", [LOAD.replace("GATE", gate.name), COMPOSE, TWO, CONDUCT, READ])
    found = notebook(f"{name}.ipynb")
    for n in range(3):
        found.run(n)
    found.start(3)
    expect(bars(found, "coder, playing")).to_have_count(1)
    return found, gate


def view(found: Notebook, n: int = 3) -> Locator:
    return found.output(n)


def bars(found: Notebook, name: str = "") -> Locator:
    listbox = view(found).get_by_role("listbox", name="Contributions")
    return listbox.get_by_role("option", name=re.compile(name))


def note(found: Notebook, text: str, to: str = "", *, at_once: bool = False) -> None:
    """Write a note as somebody at the page does, and send it."""
    if to:
        view(found).get_by_role("combobox", name="Note to").select_option(to)
    if at_once:
        view(found).get_by_role("checkbox", name="At once").check()
    view(found).get_by_role("textbox", name="Note", exact=True).fill(text)
    view(found).get_by_role("button", name="Send note").click()
    expect(view(found).get_by_role("textbox", name="Note", exact=True)).to_have_value("")


def stands(found: Notebook, text: str, n: int = 3) -> Locator:
    """The item of the list of notes that has this text."""
    return view(found, n).get_by_role("list", name="Notes").get_by_role("listitem").filter(has_text=text)


def readings(found: Notebook) -> tuple[dict[str, list[tuple[str, list[str]]]], str]:
    """For each part: how each contribution ended, and the notes that it read; and the notes that stand."""
    found.run(4)
    told = found.output(4).inner_text().strip().split("\n")
    by_part = {
        part: [(status, notes) for status, notes in read] for part, read in json.loads(told[0]).items()
    }
    return by_part, told[1]


def test_a_note_sent_while_the_cell_is_busy_reaches_the_next_reading(lab: Jupyter, notebook: Opener) -> None:
    found, gate = conducting(lab, notebook, "note")
    note(found, "Be brief.", "editor")
    expect(stands(found, "Be brief.")).to_contain_text("sent")
    note(found, "Tell it gently.", "coder")
    expect(stands(found, "Tell it gently.")).to_contain_text("sent")
    assert found.cell(3).locator(".jp-InputPrompt").inner_text() == "[*]:"
    found.shot("notes-live-light", view(found))
    gate.touch()
    found.wait_idle()
    expect(stands(found, "Be brief.")).to_contain_text("delivered to editor")
    expect(stands(found, "Tell it gently.")).to_contain_text("delivered to coder (2nd)")
    expect(view(found).get_by_role("textbox", name="Note", exact=True)).to_have_count(0)
    read, standing = readings(found)
    assert read["coder"] == [("played", []), ("played", ["Tell it gently."])]
    assert read["editor"] == [("played", ["Be brief."])]
    assert standing == "['1', '2']"
    found.shot("notes-light", view(found))
    found.theme("JupyterLab Dark")
    found.shot("notes-dark", view(found))
    found.theme("JupyterLab Light")


def test_a_note_sent_at_once_cuts_what_plays_and_lets_it_enter_again(lab: Jupyter, notebook: Opener) -> None:
    found, gate = conducting(lab, notebook, "note-now")
    note(found, "In one sentence.", "coder", at_once=True)
    expect(bars(found, "coder, cut")).to_have_count(1)
    expect(bars(found, "coder, playing")).to_have_count(1)
    expect(stands(found, "In one sentence.")).to_contain_text("delivered to coder (2nd)")
    bars(found, "coder, playing").click()
    inspector = view(found).get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("what it had played before the note")
    expect(inspector).to_contain_text("1 notes were read.")
    gate.touch()
    found.wait_idle()
    read, _ = readings(found)
    assert read["coder"] == [("cut", []), ("played", ["In one sentence."])]


def test_a_note_written_by_keyboard_alone_is_dropped_again(lab: Jupyter, notebook: Opener) -> None:
    found, gate = conducting(lab, notebook, "note-drop")
    bars(found, "coder").click()
    page = found.page
    timeline = view(found).get_by_role("listbox", name="Contributions")
    box = view(found).get_by_role("textbox", name="Note", exact=True)
    expect(box).to_be_visible()  # the view has its kernel
    timeline.focus()
    page.keyboard.press("n")
    expect(box).to_be_focused()
    page.keyboard.type("Add a dd to it.")  # two d would delete the cell in command mode
    page.keyboard.press("Enter")
    expect(stands(found, "Add a dd to it.")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(timeline).to_be_focused()
    view(found).get_by_role("button", name="Drop note 1").click()
    expect(stands(found, "Add a dd to it.")).to_have_count(0)
    gate.touch()
    found.wait_idle()
    read, standing = readings(found)
    assert read["editor"] == [("played", [])]
    assert standing == "[]"


def test_a_note_sent_between_takes_is_in_the_view_of_the_next(lab: Jupyter, notebook: Opener) -> None:
    gate = lab.root / "note-between.go"
    gate.touch()
    cells = [COMPOSE, TWO, CONDUCT, "%cue note editor One sentence.", "%conduct"]
    lab.write("note-between.ipynb", [LOAD.replace("GATE", gate.name), *cells])
    found = notebook("note-between.ipynb")
    found.run_all()
    found.reveal(5)
    expect(stands(found, "One sentence.", 5)).to_have_text("Note 1 to editorOne sentence.delivered to editor")
    view(found, 5).get_by_role("button", name="Back to start").click()
    expect(stands(found, "One sentence.", 5)).to_contain_text("sent")
    expect(stands(found, "One sentence.")).to_have_count(0)


REPLAYED = """%load_ext score_kernel
lines = {
    "coder": [{"wait": 1, "text": "Here is the code, and some words about it."}],
    "editor": [{"wait": 0.5, "text": "The code is there."}],
}
"""
PAIR = """%%orchestrate
parts:
  coder:  {task: Write it, player: script:lines}
  editor: {task: Sum up, player: script:lines, after: [coder]}
"""


def test_a_replay_plays_by_itself_from_the_start_once(lab: Jupyter, notebook: Opener) -> None:
    lab.write("replay.ipynb", [REPLAYED, COMPOSE, PAIR, CONDUCT, "%score replay --speed 0.5"])
    found = notebook("replay.ipynb")
    for n in range(4):
        found.run(n)
    found.start(4)
    again = found.output(4)
    playhead = again.get_by_role("slider", name="Playhead")
    expect(again.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(again.get_by_role("combobox", name="Speed")).to_have_value("0.5")
    expect(again.get_by_role("option", name="coder, playing")).to_have_count(1)
    found.wait_idle()
    expect(again.get_by_role("option", name="editor")).to_have_count(0)  # the cell has ended long before it
    expect(again.get_by_role("option", name=re.compile("editor, played"))).to_have_count(1)
    expect(again.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(playhead).to_have_attribute("aria-valuetext", re.compile("nothing playing"))
    kept = found.save().cells[4].outputs[0].data
    assert "replay" not in kept[MIME_TYPE]
    found.reload()
    found.reveal(4)
    expect(again.get_by_role("option", name=re.compile("editor, played"))).to_have_count(1)
    expect(again.get_by_role("button", name="Play", exact=True)).to_be_visible()
