"""The recorded cases: real provider streams, crews, traces and hostile text, made by others.

They are not in the repository. Tests that need them carry `needs_cases` and find them at `CASES`:
the folder `$SCORE_CASES`, else `../shared/cases` beside the repository. Where it is not there they
are reported as not run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["CASES", "needs_cases"]


def _find() -> Path | None:
    repository = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("SCORE_CASES") or repository.parent / "shared" / "cases")
    return folder if folder.is_dir() else None


CASES: Path | None = _find()
"""The folder of the cases, or `None` where there is none."""

needs_cases = pytest.mark.needs_cases
