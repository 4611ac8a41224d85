"""The built front end, as every page that shows a performance gets it."""

from __future__ import annotations

import gzip

from score_kernel.view.widget import BUNDLE

MOST = 75_000  # bytes, gzipped: the budget of the score view


def test_the_bundle_is_small_enough_to_go_along_with_every_performance() -> None:
    assert len(gzip.compress(BUNDLE.read_bytes(), compresslevel=9)) <= MOST
