"""The second notebook, by hand in a real JupyterLab: somebody's session, watched, branched, run again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .jupyter import outputs_of

if TYPE_CHECKING:
    import nbformat
    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PARTS = ("curator", "writer", "counter", "translator", "editor")


def names(view: Locator) -> dict[str, str]:
    """What each bar in sight is called, by its part."""
    options = view.get_by_role("listbox", name="Contributions").get_by_role("option")
    expect(options).to_have_count(len(PARTS))
    called = [str(option.get_attribute("aria-label")) for option in options.all()]
    return {name.partition(",")[0]: name for name in called}


def printed(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """What the cells print or give, but for dry runs, which tell what is yet to play."""
    return {
        cell.id: "".join(
            out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code" and " -n" not in cell.source.partition("\n")[0]
    }


def cell_of(found: Notebook, id_: str) -> int:
    """The number of a cell of the saved notebook."""
    return next(n for n, cell in enumerate(found.save().cells) if cell.id == id_)


def test_a_recorded_session_is_watched_branched_and_the_same_after_a_restart(
    lab: Jupyter, notebook: Opener
) -> None:
    folder = lab.root / "museum"
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    found = notebook("museum/02-recorded.ipynb")
    replay, french = cell_of(found, "replay"), cell_of(found, "french")

    # as it was stored, before anything has run
    found.reveal(replay)
    stored = found.output(replay).locator(".score-kernel")
    playhead = stored.get_by_role("slider", name="Playhead")
    before = playhead.get_attribute("aria-valuetext")
    stored.get_by_role("button", name="Back to start").click()
    expect(playhead).not_to_have_attribute("aria-valuetext", str(before))

    found.run_all(timeout=120_000)
    found.reveal(french)
    branch = names(found.output(french).locator(".score-kernel"))
    assert {part for part in PARTS if "reused" in branch[part]} == {"curator", "writer", "counter"}
    assert all("played" in branch[part] for part in ("translator", "editor"))
    found.shot("french", found.cell(french))
    found.reveal(replay)
    again = found.output(replay).locator(".score-kernel")
    expect(again.get_by_role("list", name="Notes")).to_contain_text(re.compile("eleven seconds"))
    found.shot("replay", found.cell(replay))

    first = found.save()
    assert not [out for out in outputs_of(first) if out.output_type == "error"]
    found.restart_kernel()
    found.run_all(timeout=120_000)
    second = found.save()
    assert printed(second) == printed(first)
    assert "take3" in printed(second)["takes"]
    assert "take4" not in printed(second)["takes"]
