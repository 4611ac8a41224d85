"""What is due now in a take: a pure function, so that it can be told by looking at a state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..score.state import ANSWERED, IN_THE_AIR, SILENT

if TYPE_CHECKING:
    from ..score.state import TakeState


@dataclass(frozen=True, slots=True)
class Due:
    """What should happen next.

    `ready` contributions have all their inputs, in plan order; each of `blocked` needs a part that
    failed (contribution, part). `ended` is the status to end with, once nothing is open.
    """

    ready: tuple[int, ...] = ()
    blocked: tuple[tuple[int, str], ...] = ()
    ended: Literal["finished", "failed"] | None = None


def due(take: TakeState) -> Due:
    """What is due in a take as it stands. Nothing enters while it is paused or held, or has ended."""
    if take.status != "playing":
        return Due()
    standing = take.standing()
    ready: list[int] = []
    blocked: list[tuple[int, str]] = []
    still_open = False
    for part in take.plan.parts:
        c = standing[part.name]
        if c.status in IN_THE_AIR:
            still_open = True
        if c.status != "waiting":
            continue
        still_open = True
        before = [standing[other] for other in part.after]
        lost = next((b.part for b in before if b.status in ("failed", "blocked", "cut")), None)
        if lost is not None:
            blocked.append((c.c, lost))
        elif all(b.status in ANSWERED or b.status in SILENT for b in before):
            ready.append(c.c)
    if still_open:
        return Due(tuple(ready), tuple(blocked))
    failed = any(c.status == "failed" for c in standing.values())
    return Due(ended="failed" if failed else "finished")
