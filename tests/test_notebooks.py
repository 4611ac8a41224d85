"""The notebooks run as they stand: headless, the same each time, and in seconds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from score_kernel import Score
from tests.notebooks import NOTEBOOKS, ROOT, run_all

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def texts(notebook: Any) -> dict[str, str]:
    """What each cell prints or gives, by its id. A dry run tells what is yet to play: that may change."""
    return {
        cell.id: "".join(
            out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code" and " -n" not in cell.source.partition("\n")[0]
    }


def takes(folder: Path) -> dict[str, int]:
    """How many takes the scores in a folder hold."""
    counts: dict[str, int] = {}
    for file in folder.glob("*.score"):
        with Score(file) as score:
            counts[file.name] = len(score.takes)
    return counts


def test_run_all_gives_what_is_stored_and_after_a_restart_plays_nothing_and_gives_the_same(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "notebooks"
    shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns(".*"))
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / path.name))
    first = texts(run_all(folder / path.name))
    assert first == texts(nbformat.read(path, as_version=4))
    played = takes(folder / ".score")
    assert sum(played.values()) or not played  # some keep their score in memory
    assert texts(run_all(folder / path.name)) == first
    assert takes(folder / ".score") == played


def test_it_shows_the_same_on_every_run(path: Path) -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"),
            *("--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg")),
            *("--nbval-cell-timeout", "120", str(path)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]


def test_it_is_stored_as_it_was_executed(path: Path) -> None:
    """Every code cell has run, in order, and none has failed."""
    notebook: Any = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [out for cell in cells for out in cell.outputs if out.output_type == "error"]
