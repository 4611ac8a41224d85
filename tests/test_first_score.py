"""The first notebook runs as it stands: headless, the same each time, and in seconds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "01-first-score.ipynb"


@pytest.fixture(scope="module")
def executed() -> Any:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    return client.execute()


def told(notebook: Any, cell: str) -> str:
    """The text that a cell of the notebook shows."""
    (found,) = [c for c in notebook.cells if c["id"] == cell]
    return "".join(out.get("text", "") or out.get("data", {}).get("text/plain", "") for out in found.outputs)


def test_it_says_that_understudies_play_where_no_model_is_set(executed: Any) -> None:
    assert "understudies play" in told(executed, "model")


def test_the_tests_that_one_part_wrote_really_run_against_what_another_wrote(executed: Any) -> None:
    assert told(executed, "checker-text") == "'6 tests ran, and all of them pass.'"
    assert "1 failed: test_a_code_works_on_its_last_day" in told(executed, "checker-again")
    assert told(executed, "checker-final") == "'8 tests ran, and all of them pass.'"


def test_after_one_task_is_edited_only_what_reads_something_new_plays(executed: Any) -> None:
    statuses = dict(line.split() for line in told(executed, "statuses").splitlines())
    assert statuses == {
        "coder": "reused",
        "tester": "played",
        "docs": "reused",
        "checker": "played",
        "editor": "played",
    }


def test_it_shows_the_same_on_every_run() -> None:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval"),
            *("--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg"), str(NOTEBOOK)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]


def test_it_is_stored_as_it_was_executed() -> None:
    """Every code cell has run, in order, and none has failed."""
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [out for cell in cells for out in cell.outputs if out.output_type == "error"]
