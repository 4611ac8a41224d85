"""The first notebook, run by hand: all its cells, in a real JupyterLab."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .jupyter import outputs_of

if TYPE_CHECKING:
    import nbformat

    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01-first-score.ipynb"


def test_all_cells_run_and_show_what_played_and_what_was_reused(lab: Jupyter, notebook: Opener) -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    (lab.root / "01-first-score.ipynb").write_bytes(NOTEBOOK.read_bytes())
    found = notebook("01-first-score.ipynb")
    found.page.set_viewport_size({"width": 1320, "height": 1400})
    found.run_all(timeout=120_000)
    conducting = [n for n, cell in enumerate(cells) if re.match(r"%+conduct (?!-n)", "".join(cell["source"]))]
    first = conducting[0]
    names: list[list[str]] = []
    for n in conducting:
        found.reveal(n)
        bars = found.output(n).get_by_role("listbox", name="Contributions").get_by_role("option")
        expect(bars).to_have_count(5)
        names.append([str(bar.get_attribute("aria-label")) for bar in bars.all()])
        found.shot(f"take-{n}", found.cell(n))
    began = {name.partition(",")[0]: name for name in names[0]}
    assert all(", 0.0 s to " in began[part] for part in ("coder", "tester", "docs"))
    assert sum("reused" in name for name in names[1]) == 2
    assert not any("reused" in name for name in names[2])

    found.reveal(first)
    view = found.output(first).locator(".score-kernel")
    view.get_by_role("option", name=re.compile("^tester")).click()
    inspector = view.get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("written from the intent alone")
    inspector.get_by_text("intent version 1").click()
    expect(inspector).to_contain_text("Customers of our shop type a discount code")
    found.command("application:toggle-left-area")
    found.activate(first + 2)  # the active cell shows a toolbar and a frame
    for theme, name in (("Dark", "first-score-dark"), ("Light", "first-score")):
        found.theme(f"JupyterLab {theme}")
        expect(found.page.locator("#jupyterlab-splash")).to_have_count(0)
        found.reveal(first)
        found.shot(name, found.cell(first))

    saved: nbformat.NotebookNode = found.save()
    assert not [out for out in outputs_of(saved) if out.output_type == "error"]
