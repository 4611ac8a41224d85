"""What changed between the reading that was answered and the reading there is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .events import Evidence

if TYPE_CHECKING:
    from .events import PlayerRef
    from .plan import Part
    from .reading import Reading
    from .state import ContributionState

_WORDS = ("role", "goal", "backstory", "task", "expects", "params", "tools", "returns", "max_turns")


def changed(
    before: ContributionState, was: Part | None, now: Part, player: PlayerRef, reading: Reading
) -> Evidence:
    """One line that says why `reading` is not the one that `before` answered, with the entry at fault.

    `was` and `now` are the part's definitions then and now, `player` who plays it now.
    """
    old = {read.entry: read.version for read in before.reads}
    new = {entry: version for entry, version, _ in reading.entries}
    for entry, version in new.items():
        if entry not in old:
            return Evidence(f"{named(entry)} is new", entry, 0, version)
        if old[entry] != version:
            return Evidence(
                f"{named(entry)} changed: version {old[entry]} was read, version {version} stands",
                entry,
                old[entry],
                version,
            )
    for entry, version in old.items():
        if entry not in new:
            return Evidence(f"{named(entry)} is gone", entry, version, 0)
    words = [word for word in _WORDS if was is not None and getattr(was, word) != getattr(now, word)]
    why = [f"its {' and '.join(words)} changed"] if words else []
    if before.player is not None and (before.player.kind, before.player.name) != (player.kind, player.name):
        why.append(f"{before.player.name} played it, {player.name} plays it now")
    if why:
        return Evidence("; ".join(why))
    if before.origin is not None and before.origin.differs:
        return Evidence("what stands was recorded for another reading")
    return Evidence(f"{player.kind} {player.name} changed")


def named(entry: str) -> str:
    """An entry as a reader would say it.

    >>> named("part/coder"), named("material/spec")
    ('what coder played', 'material spec')
    """
    kind, _, name = entry.partition("/")
    return {
        "intent": "the intent",
        "criteria": "the criteria",
        "material": f"material {name}",
        "part": f"what {name} played",
        "item": "its item",
        "note": "the opening note" if name == "opening" else f"note {name}",
    }[kind]
