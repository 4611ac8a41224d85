"""What is due now in a take: pure functions of its state, so that it can be told by looking.

A part's *turn* comes as all that it waits for has settled. Whether it then *enters* is up to the
tempo: who leads, a written rest, a cue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ..score.state import ANSWERED, OPEN

if TYPE_CHECKING:
    from ..score.plan import Part, Plan
    from ..score.state import ContributionState, TakeState

LOST = frozenset({"failed", "blocked", "cut"})


class Turn(NamedTuple):
    """Whether a part's turn has come: it waits; it is ready; it is `blocked` or `skipped`, and by what."""

    state: Literal["waits", "ready", "blocked", "skipped"]
    why: str = ""


WAITS, READY = Turn("waits"), Turn("ready")


def settled(take: TakeState, name: str) -> bool:
    """Whether nothing of a part is open: it has come to rest, as far as this take knows."""
    tally = take.tally.get(name, {})
    if not OPEN.isdisjoint(tally):
        return False
    part = take.plan.get(name)
    return part is None or not to_open(take, part)


def to_open(take: TakeState, part: Part) -> bool:
    """Whether the items of a section are yet to be told: it never was, or its loop goes round again."""
    if part.each is None:
        return False
    told = take.sections.get(part.name)
    if (whole := take.newest.get(part.name, {}).get(-1)) is not None:  # settled before its items were known
        if take.waiting.get(part.name):
            return True
        told = take.contributions[whole]
    if told is None:
        return True
    source = take.last(part.source) if part.source else None
    if source is None or source.lap <= told.lap:
        return False
    return part.source in take.plan.loop_of(part.name)  # else it is only stale


def gates(plan: Plan) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """By part, the loops (their ends and parts) that it stands beyond: it waits for their last pass."""
    found: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
    for end, names in plan.loops().items():
        for part in plan:
            if part.name not in names and not set(names).isdisjoint(part.waits):
                found[part.name] = (*found.get(part.name, ()), (end, names))
    return found


def turn(take: TakeState, part: Part, beyond: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Turn:
    """Whether the turn of a part has come. `beyond` are its `gates`."""
    for name in part.waits:
        if not settled(take, name):
            return WAITS
    for end, names in beyond:
        # a section of nothing has settled at once, and the end after it may have before the rest of the loop
        if not all(settled(take, name) for name in names) or loop_to_repeat(take, end, names) == "again":
            return WAITS
    if not part.waits:
        return READY
    skipped = 0
    for name in part.waits:
        tally = take.tally.get(name, {})
        if not LOST.isdisjoint(tally) and ANSWERED.isdisjoint(tally):
            return Turn("blocked", name)
        skipped += bool(tally) and tally.keys() == {"skipped"}
    if skipped == len(part.waits):
        return Turn("skipped", f"all it needs is skipped: {', '.join(part.waits)}")
    return READY


def loop_to_repeat(take: TakeState, end: str, names: tuple[str, ...]) -> Literal["", "again", "over"]:
    """Whether a loop, whose parts have all settled, plays again, or has had all its passes in vain."""
    if ANSWERED.isdisjoint(take.tally.get(end, {})) or not all(settled(take, name) for name in names):
        return ""
    part = take.plan[end]
    assert part.repeat is not None
    unhappy = [
        c
        for c in take.voices(end)
        if c.status in ANSWERED and (verdict := c.verdict("until")) is not None and not verdict.ok
    ]
    if not unhappy:
        return ""
    return "again" if max(c.lap for c in take.voices(end)) < part.repeat.at_most else "over"


class Entrance(NamedTuple):
    """Whether a contribution whose turn has come may enter: `at` a time (ms), or once `asks` is answered."""

    at: int = 0
    asks: str = ""


def entrance(take: TakeState, part: Part, c: ContributionState, came: int) -> Entrance:
    """When a contribution may enter whose turn came at `came` (ms), as far as it goes by the tempo."""
    if c.cued:
        return Entrance()
    if part.on_cue:
        return Entrance(asks=f"a cue lets {part.name} in: %cue enter {part.name}")
    lead = take.tempo.lead
    if lead not in ("free", "conductor", "clock", part.name):
        return Entrance(asks=f"{lead} lets {part.name} in")
    if lead == "conductor" and not take.beats:
        return Entrance(asks="a beat: %cue beat")
    return Entrance(at=came + round(part.rest * 1000))


def turn_came(take: TakeState, part: Part) -> int:
    """When the turn of a part came: as the last that it waits for settled (ms since the take began)."""
    ended = [c.ended or 0 for name in part.waits for c in take.voices(name)]
    return max(ended, default=0)


def longest_path(take: TakeState, name: str) -> int:
    """How many parts are left on the longest path from this one on, itself included."""
    onward: dict[str, list[str]] = {}
    for part in take.plan:
        for before in part.waits:
            onward.setdefault(before, []).append(part.name)
    found: dict[str, int] = {}

    for part in reversed(take.plan.in_order()):
        ahead = [found[after] for after in onward.get(part.name, ()) if not settled(take, after)]
        found[part.name] = 1 + max(ahead, default=0)
    return found[name]
