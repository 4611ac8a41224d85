"""A performance in a real JupyterLab: watched, steered while the cell is busy, reloaded, reopened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import expect

from score_kernel.view.mime import MIME_TYPE, WIDGET_VIEW_TYPE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

LOAD = """%load_ext score_kernel
lines = {
    "coder": [{"wait": 2, "text": "Here is the code:\\n\\n```python\\nx = 1\\n```\\nand some words about it."}],
    "tester": [{"wait": 2.5, "text": "Here are the tests, written from the intent alone, word by word."}],
    "docs": [{"wait": 2.2, "text": "Here is the how-to: call it, and look at what it gives."}],
}
entered = []
def sums_up(reading):
    entered.append(reading.part)
    return f"{len(reading.parts)} parts were heard"
"""
COMPOSE = "%%compose Adding\nA function that adds two numbers.\n\n## Criteria\n- it adds\n- it is small\n"
TEAM = """%%orchestrate
parts:
  coder:  {role: Implementer, task: Write it, player: script:lines}
  tester: {role: Tester, task: Test it, player: script:lines}
  docs:   {role: Writer, task: Explain it, player: script:lines}
  editor: {role: Editor, task: Sum up, player: python:sums_up, after: [coder, tester, docs]}
"""
CONDUCT = "%%conduct draft"


def opened(lab: Jupyter, notebook: Opener, name: str, *more: str) -> Notebook:
    """A notebook that has run as far as the conducting cell."""
    lab.write(name, [LOAD, COMPOSE, TEAM, CONDUCT, *more])
    found = notebook(name)
    for n in range(3):
        found.run(n)
    return found


def view(found: Notebook, n: int = 3) -> Locator:
    return found.output(n)


def bars(found: Notebook, name: str = "", n: int = 3) -> Locator:
    listbox = view(found, n).get_by_role("listbox", name="Contributions")
    return listbox.get_by_role("option", name=re.compile(name))


def test_three_bars_overlap_in_time_and_end(lab: Jupyter, notebook: Opener) -> None:
    found = opened(lab, notebook, "overlap.ipynb")
    found.start(3)
    expect(bars(found, "playing")).to_have_count(3)
    found.shot("live-light", view(found))
    found.wait_idle()
    names = [str(bar.get_attribute("aria-label")) for bar in bars(found).all()]
    spans = {
        part: (float(start), float(end))
        for part, start, end in (
            re.fullmatch(r"(\w+), .*played, ([\d.]+) s to ([\d.]+) s", name).groups()  # type: ignore[union-attr]
            for name in names
        )
    }
    first = [spans[part] for part in ("coder", "tester", "docs")]
    assert max(start for start, _ in first) < min(end for _, end in first)
    assert spans["editor"][0] >= max(end for _, end in first)
    found.shot("finished-light", view(found))
    found.theme("JupyterLab Dark")
    expect(found.page.locator("#jupyterlab-splash")).to_have_count(0)
    found.shot("finished-dark", view(found))
    found.theme("JupyterLab Light")


def test_pausing_while_the_cell_is_busy_lets_nothing_new_enter(lab: Jupyter, notebook: Opener) -> None:
    found = opened(lab, notebook, "pause.ipynb", "[c.status for c in take.contributions]", "entered")
    found.start(3)
    expect(bars(found, "playing")).to_have_count(3)
    view(found).get_by_role("button", name="Pause performance").click()
    expect(view(found).get_by_role("button", name="Resume performance")).to_be_visible()
    # what was in the air plays to its end, and the cell is still busy
    expect(bars(found, "played")).to_have_count(3)
    assert found.cell(3).locator(".jp-InputPrompt").inner_text() == "[*]:"
    expect(bars(found, "editor")).to_have_count(0)
    found.shot("paused-light", view(found))
    view(found).get_by_role("button", name="Resume performance").click()
    found.wait_idle()
    expect(bars(found, "editor, played")).to_have_count(1)
    found.run(5)
    assert "editor" in found.output(5).inner_text()


def test_stopping_from_the_view_frees_the_cell(lab: Jupyter, notebook: Opener) -> None:
    found = opened(lab, notebook, "stop.ipynb", "take.status")
    found.start(3)
    expect(bars(found, "playing")).to_have_count(3)
    view(found).get_by_role("button", name="Stop performance").click()
    found.wait_idle()
    found.run(4)
    assert "stopped" in found.output(4).inner_text()
    expect(bars(found, "cut")).to_have_count(3)


def test_interrupting_pauses_and_the_view_resumes_in_the_background(lab: Jupyter, notebook: Opener) -> None:
    found = opened(lab, notebook, "interrupt.ipynb", "print(take.wait(20).status)")
    found.start(3)
    expect(bars(found, "playing")).to_have_count(3)
    found.interrupt()
    found.wait_idle()
    expect(view(found)).to_contain_text("take1 is paused")
    view(found).get_by_role("button", name="Resume performance").click()
    expect(bars(found, "editor, played")).to_have_count(1)
    found.run(4)
    assert "finished" in found.output(4).inner_text()


def test_scrubbing_back_shows_the_past(lab: Jupyter, notebook: Opener) -> None:
    found = opened(lab, notebook, "scrub.ipynb")
    found.run(3)
    playhead = view(found).get_by_role("slider", name="Playhead")
    playhead.fill("1000")
    expect(playhead).to_have_attribute("aria-valuetext", re.compile(r"1\.0 s.*coder"))
    expect(bars(found, "editor")).to_have_count(0)
    bars(found, "coder").click()
    inspector = view(found).get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("A function that adds two numbers.")
    expect(inspector).not_to_contain_text("and some words about it.")
    found.shot("scrubbed-light", view(found))
    view(found).get_by_role("button", name="To end").click()
    expect(inspector).to_contain_text("and some words about it.")
    found.shot("inspector-light", view(found))


def test_a_page_reload_in_mid_performance_gets_the_view_back(lab: Jupyter, notebook: Opener) -> None:
    found = opened(lab, notebook, "reload.ipynb")
    found.start(3)
    expect(bars(found, "playing")).to_have_count(3)
    view(found).get_by_role("button", name="Pause performance").click()
    expect(view(found).get_by_role("button", name="Resume performance")).to_be_visible()
    found.save()
    found.reload()
    expect(view(found).get_by_role("button", name="Resume performance")).to_be_visible()
    expect(bars(found, "played")).to_have_count(3)
    view(found).get_by_role("button", name="Resume performance").click()
    expect(bars(found, "editor, played")).to_have_count(1)


LONG = """%load_ext score_kernel
import asyncio, pathlib
async def tells(reading):
    yield "The first half."
    while not pathlib.Path("GATE").exists():
        await asyncio.sleep(0.05)
    yield " The second half."
def sums_up(reading):
    return "That was it."
"""
TWO = """%%orchestrate
parts:
  coder:  {task: Tell it, player: python:tells}
  editor: {task: Sum up, player: python:sums_up, after: [coder]}
"""


def halfway(lab: Jupyter, notebook: Opener, name: str) -> tuple[Notebook, Path]:
    """A performance that goes on, with its cell busy, until the file that is given is there."""
    gate = lab.root / f"{name}.go"
    lab.write(f"{name}.ipynb", [LONG.replace("GATE", gate.name), COMPOSE, TWO, CONDUCT])
    found = notebook(f"{name}.ipynb")
    for n in range(3):
        found.run(n)
    found.start(3)
    expect(bars(found, "coder, playing")).to_have_count(1)
    return found, gate


def test_a_page_reload_while_it_plays_follows_to_the_end_and_keeps_that(
    lab: Jupyter, notebook: Opener
) -> None:
    found, gate = halfway(lab, notebook, "reload-playing")
    assert WIDGET_VIEW_TYPE in found.save().cells[3].outputs[0].data
    found.reload()
    bars(found, "coder, playing").click()
    inspector = view(found).get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("The first half.")
    expect(view(found).get_by_role("button", name="Pause", exact=True)).to_be_visible()  # it follows
    gate.touch()
    expect(bars(found, "editor, played")).to_have_count(1)
    expect(inspector).to_contain_text("The second half.")
    kept = found.kept(3)
    assert kept["text/plain"] == "<Take draft: 2 of 2 parts, 0 failed>"
    assert kept[MIME_TYPE]["live"] is False
    found.reload()
    expect(bars(found, "editor, played")).to_have_count(1)


def test_looking_back_while_it_plays_leaves_the_present_until_to_end(lab: Jupyter, notebook: Opener) -> None:
    found, gate = halfway(lab, notebook, "look-back")
    playhead = view(found).get_by_role("slider", name="Playhead")
    to_end = view(found).get_by_role("button", name="To end")
    start = re.compile(r"^0\.0 s")
    expect(playhead).not_to_have_attribute("aria-valuetext", start)
    playhead.fill("0")
    expect(view(found).get_by_role("button", name="Play", exact=True)).to_be_visible()
    to_end.click()
    expect(playhead).not_to_have_attribute("aria-valuetext", start)
    expect(view(found).get_by_role("button", name="Pause", exact=True)).to_be_visible()
    playhead.fill("0")
    gate.touch()
    found.wait_idle()
    expect(playhead).to_have_attribute("aria-valuetext", start)
    expect(bars(found, "editor")).to_have_count(0)
    to_end.click()
    expect(bars(found, "editor, played")).to_have_count(1)


def test_shortcuts_of_jupyterlab_work_in_the_view_but_its_single_letters_do_not(
    lab: Jupyter, notebook: Opener
) -> None:
    found = opened(lab, notebook, "keys.ipynb")
    found.run(3)
    bars(found, "tester").click()
    page = found.page
    for key in ("d", "d", "x"):  # delete the cell, cut it
        page.keyboard.press(key)
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert len(nbformat.read(found.file, as_version=4).cells) == 4
    text = view(found).get_by_role("region", name="Text")
    text.click()
    page.keyboard.press("Control+a")  # selects no cells
    expect(page.locator(".jp-Cell.jp-mod-multiSelected")).to_have_count(0)
    page.keyboard.press("Control+b")
    expect(page.locator("#jp-left-stack")).to_be_hidden()


def test_a_saved_performance_is_there_with_no_kernel_and_can_be_scrubbed(
    lab: Jupyter, notebook: Opener
) -> None:
    found = opened(lab, notebook, "kept.ipynb")
    found.run(3)
    saved = found.save()
    assert "application/vnd.jupyter.widget-view+json" not in saved.cells[3].outputs[0].data
    assert saved.cells[3].outputs[0].data["text/plain"] == "<Take draft: 4 of 4 parts, 0 failed>"
    found.close()
    again = notebook("kept.ipynb", kernel=False)
    expect(bars(again)).to_have_count(4)
    view(again).get_by_role("slider", name="Playhead").fill("500")
    expect(bars(again, "editor")).to_have_count(0)
    expect(view(again)).not_to_contain_text("model not found")
    expect(view(again).get_by_role("button", name="Pause performance")).to_have_count(0)
