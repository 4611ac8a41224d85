"""What the conductor asked for as a take starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..score.plan import Plan


@dataclass(frozen=True)
class Wish:
    """What the conductor asked to be played: `only` these, `fresh` these and what depends on them.

    `offline`: call no model; `nearest`: where that leaves a reading without an answer, give the one
    that was recorded for the nearest other reading. `chosen` are the takes, by part, whose contributions
    a spliced take is made of.
    """

    only: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    fresh_all: bool = False
    offline: bool = False
    nearest: bool = False
    chosen: Mapping[str, str] = field(default_factory=dict)

    def keeps(self, part: str) -> bool:
        """Whether a part keeps what it played, whatever it would read now."""
        return bool(self.only) and part not in self.only

    def asked_anew(self, plan: Plan) -> frozenset[str]:
        """The parts that play whether or not their reading is known."""
        if self.fresh_all:
            return frozenset(plan.names)
        return self.fresh | plan.dependents(self.fresh)
