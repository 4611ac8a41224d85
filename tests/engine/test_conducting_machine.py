"""Random orchestrations under random conductors, on a clock that stands still: what always holds.

What holds of every event is in `audit`, what holds of the whole in `room`.
`SCORE_EXAMPLES=20000` runs more of them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from .room import perform
from .scenes import Act, acts, scenes

if TYPE_CHECKING:
    from .doubles import Scene

EXAMPLES = int(os.environ.get("SCORE_EXAMPLES", "500"))


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(scenes(), st.lists(acts(), min_size=6, max_size=16))
def test_whatever_is_conducted_and_however(scene: Scene, done: list[Act]) -> None:
    perform(scene, done)
