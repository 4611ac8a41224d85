"""What a performance leaves in the user's hands: `Take`, and its contributions (`contribution`).

Both are handles: they ask the conductor's state on the performance thread, so that what they tell
is true at that moment, on whatever thread they are asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .contribution import Contribution, Usage
from .engine.schedule import settled
from .errors import PerformanceFailed, UnknownName
from .formats.summary import summary
from .frame import frame
from .notation.tempo import read as read_tempo
from .score.cues import (
    Cue,
    Enter,
    GiveBeat,
    Mute,
    Note,
    Pause,
    Play,
    Release,
    Resume,
    SetTempo,
    Stop,
    Unmute,
)
from .session import stage
from .waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas

    from .engine.conductor import Conductor, Sent
    from .score.events import Event
    from .score.state import TakeState

T = TypeVar("T")

MOST_LINES = 10
"""Failures that are told a line each; of a long section there may be many more."""


class NoteSent(NamedTuple):
    """A note that stands: its number, to whom, its text, and the contributions that read it."""

    note: str
    to: str
    text: str
    delivered: tuple[Contribution, ...]


class Take:
    """One performance.

    >>> take = score.conduct()                  # doctest: +SKIP
    >>> take["coder"].text                      # doctest: +SKIP
    >>> take.status, take.cost                  # doctest: +SKIP
    """

    def __init__(self, conductor: Conductor, take_id: str, *, new: bool = True) -> None:
        self._conductor = conductor
        self.id = take_id
        self.new = new
        """False where conducting found that all of it was known, and gave an earlier take."""

    @property
    def conductor(self) -> Conductor:
        """Who leads the score that this take is of. For the view."""
        return self._conductor

    def _look(self, question: Callable[[TakeState], T]) -> T:
        return stage().ask(lambda: question(self._conductor.state.takes[self.id]))

    # What it is -------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The label that stands on this take, else its id."""
        return self._look(lambda _: self._conductor.state.name_of(self.id)) or self.id

    @property
    def status(self) -> str:
        """playing, paused, held, stopped, finished or failed."""
        return self._look(lambda take: take.status)

    @property
    def waits_for(self) -> str:
        """What a held take waits for, in one line; else empty."""
        return self._look(lambda take: take.waits_for if take.status == "held" else "")

    @property
    def parent(self) -> Take | None:
        """The take that this one branched from."""
        parent = self._look(lambda take: take.parent)
        return None if parent is None else Take(self._conductor, parent)

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """All contributions, in the order in which they came to wait for their turn."""
        return self._look(
            lambda take: tuple(Contribution(self._conductor, self.id, c) for c in take.contributions)
        )

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened in this take, oldest first."""
        return stage().ask(lambda: tuple(self._conductor.events(self.id)))

    @property
    def cost(self) -> float | None:
        """USD spent in this take; what was reused cost nothing. `None` where a price is unknown."""

        def total(take: TakeState) -> float | None:
            spent = [c for c in take.contributions.values() if c.tokens_in or c.tokens_out]
            return None if any(c.cost is None for c in spent) else sum(c.cost or 0.0 for c in spent)

        return self._look(total)

    @property
    def usage(self) -> Usage:
        """Tokens used in this take, all parts and tries together."""

        def total(take: TakeState) -> Usage:
            every = take.contributions.values()
            return Usage(
                sum(c.tokens_in for c in every),
                sum(c.tokens_out for c in every),
                any(c.estimated for c in every),
            )

        return self._look(total)

    def to_frame(self) -> pandas.DataFrame:
        """All contributions as a pandas DataFrame, a row each, as they are now.

        Its columns are part, item (in a section, what it is called in its table or dict, else its number),
        status, model, started and ended (seconds since the take began), tokens_in, tokens_out, cost (USD,
        missing where a price is unknown), flags (their names) and text (what was played, or empty). Raises
        `UsageError` where pandas is not installed.

        >>> take.to_frame().groupby("model").cost.sum()         # doctest: +SKIP
        """

        def rows() -> list[dict[str, object]]:
            return [
                {
                    "part": c.part,
                    "item": c.label,
                    "status": c.status,
                    "model": c.model,
                    "started": c.started,
                    "ended": c.ended,
                    "tokens_in": c.usage.tokens_in,
                    "tokens_out": c.usage.tokens_out,
                    "cost": c.cost,
                    "flags": ", ".join(flag.flag for flag in c.flags),
                    "text": c.text_or(""),
                }
                for c in self.contributions
            ]

        return frame(stage().ask(rows))

    def __getitem__(self, part: str) -> Any:
        """The last `Contribution` of a part; of a section a list of them, in the order of its items.

        Waits while the take plays and this part has not ended. `coder[3]` is player 3 of a section.
        Raises `UnknownName` where the take has no such part.
        """
        name, item = part_and_item(part)

        def known(take: TakeState) -> bool:
            if name not in take.plan and not take.newest.get(name):
                there = ", ".join(take.plan.names)
                raise UnknownName(f"{self.id} has no part {name!r}; it has {there}")
            return True

        def done(take: TakeState) -> bool:
            return take.status != "playing" or settled(take, name)

        def last(take: TakeState) -> list[Contribution] | Contribution:
            voices = [Contribution(self._conductor, self.id, c.c) for c in take.voices(name)]
            part = take.plan.get(name)
            if item is not None:
                found = take.newest.get(name, {}).get(item)
                if found is None:
                    raise UnknownName(f"{name} has no player {item} in {self.id}")
                return Contribution(self._conductor, self.id, found)
            return voices if part is not None and part.each is not None else voices[-1]

        self._look(known)
        if not stage().here:
            self._wait_until(done, None)
        return self._look(last)

    def __repr__(self) -> str:
        return stage().ask(lambda: summary(self._conductor.state, self.id))

    # Waiting ----------------------------------------------------------------------------------

    def _wait_until(self, done: Callable[[TakeState], bool], timeout: float | None) -> bool:
        return wait_until(self._conductor, self.id, done, timeout)

    def wait(self, timeout: float | None = None) -> Take:
        """Wait until the take has ended, or only its conductor can move it (it is paused or held).

        `timeout` is in seconds; when it is over the take is given as it is.
        """
        self._wait_until(lambda take: take.status != "playing", timeout)
        return self

    @property
    def moved_on(self) -> bool:
        """Whether whoever attends it need not wait longer: it has ended, or waits for its conductor."""
        take = self._conductor.state.takes[self.id]
        return take.over or take.status == "held" or self.interrupted

    def interrupt(self) -> None:
        """Pause it because its cell was interrupted; if it is paused for that already, cut what plays."""

        def pause(take: TakeState) -> None:
            again = take.paused_by == "interrupt"
            if take.status == "playing" or again:
                self._conductor.cue(Pause(now=again, by="interrupt"), self.id)

        self._look(pause)

    @property
    def interrupted(self) -> bool:
        """Whether it is paused because the cell that attended it was interrupted."""
        return self._conductor.state.takes[self.id].paused_by == "interrupt"

    def wait_to_end(self) -> None:
        """Wait until it has `moved_on`: a pause by the conductor is waited out."""
        self._wait_until(lambda _: self.moved_on, None)

    def check(self) -> Take:
        """Raise `PerformanceFailed` if the take failed; else give the take."""
        take = self._look(lambda take: take)
        if take.status == "failed":
            raise failure(self, take)
        return self

    # Conducting -------------------------------------------------------------------------------

    def cue(self, cue: Cue) -> None:
        """Ask the conductor for something. Raises `UsageError` where it cannot be done.

        Where conducting found that all was known and gave an earlier take, it has been conducted to its end:
        a cue for a part of it, or for its tempo, then does nothing more, so that a notebook runs again.
        """
        if not self.new and isinstance(cue, _IN_A_TAKE) and self._look(lambda take: take.over):
            if (part := getattr(cue, "part", None)) is not None:
                _ = self[part]
            return
        stage().ask(lambda: self._conductor.cue(cue, self.id))

    def played_by_hand(self, part: str, text: str) -> bool:
        """Whether it is over, was found known, and has this very text of the conductor's for that part."""
        name, item = part_and_item(part)

        def same(take: TakeState) -> bool:
            c = take.last(name, item)
            while c is not None and c.of_take:
                c = self._conductor.state.takes[c.of_take].contributions[c.of_c]
            if c is None or c.player is None or c.player.kind != "human":
                return False
            return take.over and self._conductor.state.text_of(take.id, c) == text

        return not self.new and self._look(same)

    def pause(self, now: bool = False) -> None:
        """Let nothing new enter; what plays goes on to its end, or (`now`) is cut."""
        self.cue(Pause(now=now))

    def resume(self) -> None:
        """Go on."""
        self.cue(Resume())

    def stop(self) -> None:
        """End the take here. What was played is kept, and known."""
        self.cue(Stop())

    def note(self, part: str, text: str, now: bool = False) -> Sent:
        """Tell a part something, or `all`. In an ended take it stands for the next one.

        A part that plays enters again with the note as it ends or, with `now`, at once.
        """
        return stage().ask(lambda: self._conductor.note(Note(part, text, now)))

    def enter(self, part: str) -> None:
        """Let a part in that waits for a cue, a beat or the part that leads."""
        self.cue(Enter(*part_and_item(part)))

    def mute(self, part: str) -> None:
        """Let a part be silent in this take: it is cut, and what needs it goes on without it."""
        self.cue(Mute(part))

    def unmute(self, part: str) -> None:
        """Let a muted part play after all."""
        self.cue(Unmute(part))

    def release(
        self, part: str, edit: str | None = None, back: str | None = None, *, no: bool = False
    ) -> None:
        """Answer a hold, or a tool's question: yes; or with another text (`edit`; for a tool its arguments
        as JSON), or send it back with a note (`back`; a tool is told that instead), or refuse (`no`)."""
        name, item = part_and_item(part)
        self.cue(Release(name, edit, back, no, item))

    def beat(self, n: int = 1) -> None:
        """With the conductor in the lead, let the next `n` entrances happen."""
        self.cue(GiveBeat(n))

    def set_tempo(self, **tempo: object) -> None:
        """Change the tempo, with the options that `Score.conduct` has for it; 0 lifts a limit.

        >>> take.set_tempo(at_once=2, budget=0.50)              # doctest: +SKIP
        """
        given: dict[str, Any] = read_tempo(**tempo)
        lifted: dict[str, Any] = {name: 0 if value is None else value for name, value in given.items()}
        self.cue(SetTempo(**lifted))

    def play(self, part: str, text: str) -> None:
        """Play a part yourself: this text is its contribution. In an ended take, of the next one."""
        name, item = part_and_item(part)
        self.cue(Play(name, text, item))

    @property
    def notes(self) -> tuple[NoteSent, ...]:
        """The notes that stand in this take, in the order sent, and to what they were delivered."""

        def standing(take: TakeState) -> tuple[NoteSent, ...]:
            state = self._conductor.state
            latest = state.seq if self.id == state.head else take.last_seq
            return tuple(
                NoteSent(
                    note.note,
                    note.to,
                    state.text(note.read),
                    tuple(
                        Contribution(self._conductor, self.id, c.c)
                        for c in take.contributions.values()
                        if note.read in c.reads
                    ),
                )
                for note in state.notes(self.id, latest).values()
            )

        return self._look(standing)


_IN_A_TAKE = (Enter, Mute, Unmute, Release, GiveBeat, SetTempo)
"""Cues that a take needs as it plays, and that it had if it is known."""


def part_and_item(name: str) -> tuple[str, int | None]:
    """`coder[3]` is player 3 of the section `coder`.

    >>> part_and_item("coder[3]"), part_and_item("coder")
    (('coder', 3), ('coder', None))
    """
    found = re.fullmatch(r"(\w+)\[(\d+)\]", name)
    return (found[1], int(found[2])) if found else (name, None)


def failure(take: Take, state: TakeState) -> PerformanceFailed:
    """The error of a failed take: one line for each failure, and the tracebacks of users' functions."""
    standing = state.standing()
    failed = [c for c in standing if c.status == "failed"]
    lines = [f"{c.name}: {c.message}" for c in failed[:MOST_LINES]]
    lines += [f"and {len(failed) - MOST_LINES:,} more"] if len(failed) > MOST_LINES else []
    blocked = [c.name for c in standing if c.status == "blocked"]
    waited = f" ({', '.join(blocked)} waited for it)" if blocked else ""
    joint = "\n    " if len(lines) > 1 else " "
    message = f"{state.id} failed:{joint}{joint.join(lines)}{waited}"
    details = [c.detail for c in failed[:MOST_LINES] if c.detail]
    return PerformanceFailed(message, take, details)
