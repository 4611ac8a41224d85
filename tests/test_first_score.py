"""What the first notebook tells: real tests run, and an edit plays only what reads something new."""

from __future__ import annotations

from typing import Any

import pytest

from tests.notebooks import ROOT, run_all


@pytest.fixture(scope="module")
def executed() -> Any:
    return run_all(ROOT / "notebooks" / "01-first-score.ipynb")


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
