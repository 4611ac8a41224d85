"""Plain IPython and the Jupyter console, at a real terminal: a piece is conducted with text alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .gate import COMPOSE, TEAM, Gate
from .surroundings import TALE, TALE_LINE, write_notebook
from .terminal import CONSOLE, IPYTHON, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTS = ("first", "second", "third")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("terminal")


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture(scope="module", params=[IPYTHON, CONSOLE], ids=["ipython", "console"])
def opened(request: pytest.FixtureRequest, folder: Path, gate: Gate) -> Iterator[Terminal]:
    terminal = Terminal(request.param, folder)
    try:
        terminal.run("%load_ext score_kernel")
        terminal.run(gate.plays)
        yield terminal
    finally:
        terminal.close()


@pytest.fixture
def terminal(opened: Terminal) -> Terminal:
    """A terminal with the piece, of which nothing plays."""
    opened.run(COMPOSE)
    opened.run(TEAM)
    return opened


def lines(shown: str) -> list[str]:
    """The lines about takes that are shown, with no prompt before them."""
    return re.findall(r"<Take.*?>", shown)


def test_a_cell_magic_waits_for_the_rest_of_its_cell(terminal: Terminal) -> None:
    terminal.enter("%%compose Typed", "Line by line,", "as one does.")
    assert "<Composition 'Typed': 0 criteria>" in terminal.answer()


def test_a_performance_ends_with_its_one_line(terminal: Terminal, gate: Gate) -> None:
    terminal.paste("%%conduct draft --fresh-all\nBe brief.")
    for part in PARTS:
        assert gate.entered() == part
        gate.let_go()
    shown = terminal.answer()
    assert lines(shown)[-1] == "<Take draft: 3 of 3 parts, 0 failed>"
    assert not re.search(r"Traceback|[Ww]idget", shown), shown


def test_ctrl_c_pauses_and_resume_goes_on(terminal: Terminal, gate: Gate) -> None:
    terminal.enter("x = %conduct --fresh-all")
    assert gate.entered() == "first"
    gate.let_go()
    assert gate.entered() == "second"
    if terminal.program is CONSOLE:
        terminal.until("playing>")  # it tells that the piece has begun, and again how it ended
    terminal.interrupt()
    shown = terminal.answer()
    assert lines(shown)[-1] == "<Take: 1 of 3 parts, 0 failed, paused>"
    assert re.search(
        r"^PerformancePaused: take\d+ is paused; second still plays to its end: %cue res", shown, re.M
    )
    assert not re.search(r"Traceback|[Ww]idget", shown), shown
    gate.let_go()
    terminal.run("%cue resume")
    assert gate.entered() == "third"
    gate.let_go()
    assert terminal.run("take.wait(60).status").endswith("'finished'")
    assert lines(terminal.run("take")) == ["<Take: 3 of 3 parts, 0 failed>"]


def test_a_performance_in_the_background_leaves_the_prompt(terminal: Terminal, gate: Gate) -> None:
    assert lines(terminal.run("%conduct -b --fresh-all")) == ["<Take: first, second, third>"]
    for part in PARTS:
        assert gate.entered() == part
        gate.let_go()
    assert lines(terminal.run("take.wait(60)")) == ["<Take: 3 of 3 parts, 0 failed>"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("%compose", "<Composition: intent>"),
        ("%orchestrate", "<Orchestration: 3 parts: first, second, third>"),
        ("%conduct -n --fresh-all", "<Dry run: would play first, second, third>"),
        ("%cue fly", "UnknownName: %cue has no 'fly'"),
    ],
)
def test_everything_has_a_line_of_text(terminal: Terminal, code: str, line: str) -> None:
    shown = terminal.run(code)
    assert line in shown
    assert not re.search(r"Traceback|[Ww]idget", shown), shown


def test_a_notebook_is_run(terminal: Terminal, folder: Path) -> None:
    write_notebook(folder / "tale.ipynb", TALE)
    shown = terminal.run("%run tale.ipynb")
    assert lines(shown)[-1] == TALE_LINE
    assert shown.endswith("Once upon a time.")
