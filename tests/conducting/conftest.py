"""A score on a manual clock, for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .led import Led

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def led() -> Iterator[Led]:
    found = Led()
    yield found
    found.score.close()
