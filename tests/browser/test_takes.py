"""All takes of a score in one view, in a real JupyterLab: chosen from their tree, searched and compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser

SETUP = """%load_ext score_kernel
def writes(reading):
    return "A label of forty words. " + " ".join(reading.notes)
def checks(reading):
    return f"{len(reading['writer'].text.split())} words"
"""
TEAM = """%%orchestrate
parts:
  writer:  {task: Write it, player: python:writes}
  checker: {task: Count it, player: python:checks, after: [writer]}
"""


def test_takes_are_chosen_searched_and_compared(lab: Jupyter, notebook: Opener) -> None:
    cells = [SETUP, "%%compose\nA label.", TEAM, "%conduct", "%%conduct\nShorter, please.", "%score"]
    lab.write("takes.ipynb", cells)
    found = notebook("takes.ipynb")
    found.run_all()
    found.reveal(5)
    view = found.output(5)
    chooser = view.get_by_role("combobox", name="Take")
    bars = view.get_by_role("listbox", name="Contributions").get_by_role("option")
    expect(chooser).to_have_value("take2")
    expect(chooser.get_by_role("option")).to_have_count(2)
    expect(bars).to_have_count(2)
    view.get_by_role("textbox", name="Search").fill("shorter")
    expect(view.get_by_label("Found")).to_have_text("1")
    view.get_by_role("textbox", name="Search").press("Enter")
    inspector = view.get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("Shorter, please.")
    inspector.get_by_role("combobox", name="Compare with").select_option(index=1)
    expect(inspector.locator("ins").first).to_be_visible()
    found.shot("takes", view)
    view.get_by_role("textbox", name="Search").fill("")
    chooser.select_option("take1")
    expect(view.get_by_label("Found")).to_have_text("")
    bars.first.click()
    expect(inspector).not_to_contain_text("Shorter, please.")
    view.get_by_role("button", name="Orchestration graph").click()
    graph = view.get_by_role("region", name="Orchestration")
    graph.get_by_role("button", name=re.compile("checker")).click()
    expect(inspector.get_by_role("heading", name="checker")).to_be_visible()
    found.shot("take-one", view)
