"""How often a contribution was tried."""

from __future__ import annotations

import pytest

from score_kernel.score.state import ContributionState, Try


@pytest.mark.parametrize(
    ("status", "why", "ended", "attempts"),
    [
        ("playing", "", None, 2),
        ("played", "", 700, 2),
        ("failed", "incomplete", 601, 2),
        ("failed", "incomplete", 599, 2),  # clocks differ by a hair: it failed of itself, so it was tried
        ("cut", "stop", 700, 2),
        ("cut", "stop", 599, 1),  # the second try never began
        ("failed", "timeout", 599, 1),
    ],
)
def test_a_try_that_was_only_waited_for_is_none(
    status: str, why: str, ended: int | None, attempts: int
) -> None:
    tried = Try(at=100, reason="rate-limit", message="busy", text="", wait=500)
    c = ContributionState(1, "coder", status=status, why=why, entered=0, ended=ended, tries=[tried])
    assert c.attempts == attempts
