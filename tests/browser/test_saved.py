"""A saved notebook shows its performance with no kernel, and where nobody trusts it."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from playwright.sync_api import expect

from score_kernel.score.codec import from_lines
from score_kernel.view.mime import MIME_TYPE, bundle, recording_data

if TYPE_CHECKING:
    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).parent.parent / "fixtures"
PICTURE = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40"/></svg>'
).decode("ascii")
HTML = f'<figure><img alt="5 parts played" src="data:image/svg+xml;base64,{PICTURE}"></figure>'


def saved(data: dict[str, Any]) -> nbformat.NotebookNode:
    """A cell with the output that a performance leaves."""
    output = nbformat.v4.new_output("display_data", bundle(data, html=HTML, plain="<Take: 5 of 5 parts>"))
    return nbformat.v4.new_code_cell("%conduct", execution_count=1, outputs=[output])


def recorded(name: str = "plain", **changes: Any) -> dict[str, Any]:
    events = from_lines((FIXTURES / f"{name}.jsonl").read_bytes())
    return recording_data(events, key="k1", take="take1", live=False) | changes


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_saved_performance_is_shown_and_scrubbed_with_no_kernel(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    spec = {"name": "nowhere", "display_name": "Nowhere", "language": "python"}
    lab.write(f"saved-{app}.ipynb", [saved(recorded())], kernelspec=spec)
    page = notebook(f"saved-{app}.ipynb", app=app, kernel=False)
    page.dismiss_dialogs()  # the kernel is not there
    assert not page.trusted(0)
    playhead = page.output(0).get_by_role("slider", name="Playhead")
    playhead.wait_for()
    expect(playhead).to_have_attribute("aria-valuetext", re.compile(r"^2\.\d s"))
    page.output(0).get_by_role("button", name="Back to start").click()
    expect(playhead).to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))
    page.shot(f"saved-{app}")


def test_it_is_shown_in_light_and_dark(lab: Jupyter, notebook: Opener) -> None:
    lab.write("themes.ipynb", [saved(recorded())])
    page = notebook("themes.ipynb", kernel=False)
    page.output(0).get_by_role("slider", name="Playhead").wait_for()
    for theme in ("Dark", "Light"):  # it stays for the next test
        page.theme(f"JupyterLab {theme}")
        expect(page.page.locator("#jupyterlab-splash")).to_have_count(0)
        page.shot(f"saved-{theme.lower()}")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"version": 2}, "A newer Score Kernel saved this"),
        ({"events": "bm90IGd6aXA="}, "cannot be read"),
        (
            {"events": None, "text": "Too long.", "file": ".score/x.score"},
            "Too long. It is in .score/x.score.",
        ),
    ],
)
def test_what_cannot_be_shown_is_one_line_below_the_picture(
    lab: Jupyter, notebook: Opener, change: dict[str, Any], line: str
) -> None:
    lab.write("line.ipynb", [saved(recorded(**change))])
    page = notebook("line.ipynb", kernel=False)
    page.output(0).get_by_text(line).wait_for()
    assert page.output(0).get_by_role("img", name="5 parts played").is_visible()


def test_the_saved_output_is_kept_as_it_was(lab: Jupyter, notebook: Opener) -> None:
    data = recorded()
    lab.write("kept.ipynb", [saved(data)])
    page = notebook("kept.ipynb", kernel=False)
    page.output(0).get_by_role("slider", name="Playhead").wait_for()
    assert page.save().cells[0].outputs[0].data[MIME_TYPE] == data
