"""The known reading that is nearest to one that is not known, and in what the two differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from .changes import named
from .events import Evidence
from .reading import known_as, shaping
from .words import distance, word_diff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .events import PlayerRef
    from .known import Answer, Known
    from .plan import Part
    from .reading import Reading

DEFINITION = ("role", "goal", "backstory", "task", "expects")


class Near(Struct, frozen=True):
    """The answer to the nearest known reading; `differences` are (what, its word diff)."""

    answer: Answer
    differences: tuple[tuple[str, str], ...]
    entry: str = ""

    @property
    def evidence(self) -> Evidence:
        """One line that says for which other reading it was recorded."""
        what = " and ".join(what for what, _ in self.differences)
        return Evidence(f"recorded for another reading: {what} differed", self.entry)

    @property
    def text(self) -> str:
        """All differences, one below the other."""
        return "\n".join(f"{what}: {diff}" if diff else what for what, diff in self.differences)


def nearest(known: Known, part: Part, player: PlayerRef, reading: Reading) -> Near | None:
    """The nearest answer that `part` ever gave, or `None` where it never did.

    Near is: few entries and words of the part differ, then few words in them differ.
    """
    best: tuple[tuple[int, int], Answer] | None = None
    for answer in known.of_part(part.name):
        if known.contribution(answer).of_take and best is not None:
            continue  # what it was taken over from has the same reading
        pairs = list(_different(known, answer, part, player, reading))
        weight = (len(pairs), sum(distance(old, new) for _, _, old, new in pairs))
        if best is None or weight < best[0]:
            best = weight, answer
    if best is None:
        return None
    found = list(_different(known, best[1], part, player, reading))
    differences = tuple((what, word_diff(old, new)) for what, _, old, new in found)
    return Near(
        best[1],
        differences or ((f"{player.kind} {player.name} itself", ""),),
        next((entry for _, entry, _, _ in found if entry), ""),
    )


def _key(entry: str, text: str) -> tuple[str, str]:
    """What an entry is compared by: its name; for a note, whose number tells only its age, its text."""
    name = known_as(entry)
    return (name, text) if name == "note" else (name, "")


def _different(
    known: Known, answer: Answer, part: Part, player: PlayerRef, reading: Reading
) -> Iterator[tuple[str, str, str, str]]:
    """What differs as (what, its entry if it is one, old text, new text)."""
    state, contribution = known.state(answer), known.contribution(answer)
    old = {_key(read.entry, state.text(read)): (read.entry, state.text(read)) for read in contribution.reads}
    new = {_key(entry, text): (entry, text) for entry, _, text in reading.entries}
    for key in dict.fromkeys([*new, *old]):
        if old.get(key, ("", ""))[1] != new.get(key, ("", ""))[1]:
            entry = (new.get(key) or old[key])[0]
            yield named(entry), entry, old.get(key, ("", ""))[1], new.get(key, ("", ""))[1]
    was = state.takes[answer.take].plan.get(part.name)
    for word in DEFINITION:
        before = "" if was is None else getattr(was, word)
        if before != getattr(part, word):
            yield f"its {word}", "", before, getattr(part, word)
    if was is not None and shaping(was.params) != shaping(part.params):
        yield "its params", "", str(shaping(was.params)), str(shaping(part.params))
    before = contribution.player
    if before is not None and (before.kind, before.name) != (player.kind, player.name):
        yield "its player", "", f"{before.kind} {before.name}", f"{player.kind} {player.name}"
