"""The built front end, as every page that shows a performance gets it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from score_kernel.view.widget import BUNDLE

if TYPE_CHECKING:
    from pathlib import Path

MOST = 75_000  # bytes, gzipped: the budget of the score view
IN_NOTEBOOKS = 10_000  # of what the extension adds to notebooks, which has no view of its own
EXTENSION = BUNDLE.parent / "labextension" / "static"


@pytest.mark.parametrize("bundle", [BUNDLE, EXTENSION / "remoteEntry.js"], ids=lambda path: path.name)
def test_the_view_is_small_enough_to_go_along_with_every_performance_and_page(bundle: Path) -> None:
    assert gzipped(bundle) <= MOST


def test_what_the_extension_adds_to_notebooks_is_small_and_uses_the_view_that_is_there() -> None:
    assert gzipped(EXTENSION / "notebook.js") <= IN_NOTEBOOKS


def gzipped(bundle: Path) -> int:
    return len(gzip.compress(bundle.read_bytes(), compresslevel=9))
