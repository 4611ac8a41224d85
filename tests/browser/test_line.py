"""The line between page and kernel: what is left when it breaks, and where it comes back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from score_kernel.view.mime import MIME_TYPE, WIDGET_VIEW_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

SETUP = """%load_ext score_kernel
lines = [{"wait": 1, "text": "Once upon a time there was a score, and everybody read it."}]
"""
COMPOSE = "%%compose Tale\nTell a tale."
TEAM = """%%orchestrate
parts:
  teller: {task: Tell it, player: script:lines}
  second: {task: Tell it again, player: script:lines, after: [teller]}
"""


def playing(lab: Jupyter, notebook: Opener, path: str, app: str = "lab") -> Notebook:
    """A notebook whose last cell is conducting, with the teller telling."""
    lab.write(path, [SETUP, COMPOSE, TEAM, "%%conduct"])
    found = notebook(path, app=app)
    for n in range(3):
        found.run(n)
    found.start(3)
    expect(bars(found, "teller, playing")).to_have_count(1)
    return found


def bars(found: Notebook, name: str) -> Locator:
    return found.output(3).get_by_role("option", name=re.compile(name))


def button(found: Notebook, name: str) -> Locator:
    return found.output(3).get_by_role("button", name=name)


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_it_can_be_conducted_while_the_cell_is_busy(lab: Jupyter, notebook: Opener, app: str) -> None:
    found = playing(lab, notebook, f"busy-{app}.ipynb", app)
    button(found, "Pause performance").click()
    expect(button(found, "Resume performance")).to_be_visible()
    expect(bars(found, "teller, played")).to_have_count(1)
    found.shot(f"live-{app}")
    button(found, "Resume performance").click()
    found.wait_idle()
    expect(bars(found, "second, played")).to_have_count(1)


def test_a_page_reloaded_in_mid_performance_writes_the_end_into_the_notebook(
    lab: Jupyter, notebook: Opener
) -> None:
    found = playing(lab, notebook, "rewritten.ipynb")
    button(found, "Pause performance").click()
    expect(button(found, "Resume performance")).to_be_visible()
    assert WIDGET_VIEW_TYPE in found.save().cells[3].outputs[0].data
    found.reload()
    button(found, "Resume performance").click()
    expect(bars(found, "second, played")).to_have_count(1)
    kept = found.kept(3)
    assert kept["text/plain"] == "<Take: 2 of 2 parts, 0 failed>"
    assert kept[MIME_TYPE]["live"] is False


def shut(found: Notebook) -> None:
    found.shut_kernel()


def restart(found: Notebook) -> None:
    found.restart_kernel()


def crash(found: Notebook) -> None:
    found.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
        ".requestExecute({code: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)'}) && null"
    )


@pytest.mark.parametrize("end", [shut, restart, crash])
def test_what_was_played_stays_when_the_kernel_goes(
    lab: Jupyter, notebook: Opener, end: Callable[[Notebook], None]
) -> None:
    found = playing(lab, notebook, f"{end.__name__}.ipynb")
    button(found, "Pause performance").click()
    expect(bars(found, "teller, played")).to_have_count(1)
    found.interrupt()  # the cell is done, the take is paused
    found.wait_idle()
    end(found)
    expect(button(found, "Resume performance")).to_have_count(0)
    expect(bars(found, "teller, played")).to_have_count(1)
    expect(found.output(3).get_by_role("slider", name="Playhead")).to_be_visible()
    found.shot(f"kernel-{end.__name__}")
