"""What a performance leaves in the user's hands: `Take` and `Contribution`.

Both are handles: they ask the conductor's state on the performance thread, so that what they tell
is true at that moment, on whatever thread they are asked.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .engine.schedule import settled
from .errors import NotPlayed, PerformanceFailed, UnknownName, UsageError
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
from .score.known import Answer
from .score.reading import Reading, reading_of
from .score.state import CONTRIBUTION_LIFE
from .score.text import code_blocks
from .session import stage

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas

    from .engine.conductor import Conductor, Sent
    from .score.events import Event
    from .score.state import ContributionState, TakeState

T = TypeVar("T")

MOST_LINES = 10
"""Failures that are told a line each; of a long section there may be many more."""


class Usage(NamedTuple):
    """Tokens in and out. `estimated`: by us, because the provider did not say."""

    tokens_in: int
    tokens_out: int
    estimated: bool = False


class Flag(NamedTuple):
    """Something off-key: which flag, and its evidence in one line."""

    flag: str
    evidence: str


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

        Its columns are part, item, status, model, started and ended (seconds since the take began),
        tokens_in, tokens_out, cost (USD, missing where a price is unknown), flags (their names) and
        text (what was played, or empty). Raises `UsageError` where pandas is not installed.

        >>> take.to_frame().groupby("model").cost.sum()         # doctest: +SKIP
        """

        def rows() -> list[dict[str, object]]:
            return [
                {
                    "part": c.part,
                    "item": c.item,
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
        """Wait for something of this take to become true. A keyboard interrupt comes through."""
        refuse_here("wait for a take")
        take = self._look(lambda take: take)
        end = None if timeout is None else time.monotonic() + timeout
        with self._conductor.changed:
            while not done(take):
                left = 0.1 if end is None else min(0.1, end - time.monotonic())
                if left <= 0:
                    return False
                self._conductor.changed.wait(left)  # short, as not every lock lets an interrupt through
        return True

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
        """Ask the conductor for something. Raises `UsageError` where it cannot be done."""
        stage().ask(lambda: self._conductor.cue(cue, self.id))

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
        given = read_tempo(**tempo)
        self.cue(SetTempo(**{name: 0 if value is None else value for name, value in given.items()}))

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


def part_and_item(name: str) -> tuple[str, int | None]:
    """`coder[3]` is player 3 of the section `coder`.

    >>> part_and_item("coder[3]"), part_and_item("coder")
    (('coder', 3), ('coder', None))
    """
    found = re.fullmatch(r"(\w+)\[(\d+)\]", name)
    return (found[1], int(found[2])) if found else (name, None)


def refuse_here(what: str) -> None:
    """Waiting on the performance thread would stop the very thing that is waited for."""
    if stage().here:
        raise UsageError(f"an async player cannot {what}: make the player a plain function, or await")


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


class Contribution:
    """What a part plays, from entering to its end."""

    def __init__(self, conductor: Conductor, take_id: str, c: int) -> None:
        self._conductor, self._take, self._c = conductor, take_id, c

    def _look(self, question: Callable[[ContributionState], T]) -> T:
        def answer() -> T:
            return question(self._conductor.state.takes[self._take].contributions[self._c])

        return stage().ask(answer)

    @property
    def part(self) -> str:
        """Whose contribution it is."""
        return self._look(lambda c: c.part)

    @property
    def item(self) -> int | None:
        """Which player of a section it is, from 0; `None` where the part is none."""
        return self._look(lambda c: c.item)

    @property
    def status(self) -> str:
        """waiting, playing, held, played, reused, muted, skipped, blocked, failed or cut."""
        return self._look(lambda c: c.status)

    @property
    def text(self) -> str:
        """What was played. Waits while the take plays.

        Raises `NotPlayed`, with status and reason, where there is none to be had.
        """
        take = Take(self._conductor, self._take)
        if not stage().here:
            take._wait_until(lambda take: take.status != "playing" or self._final(take), None)
        return stage().ask(self._text)

    def _final(self, take: TakeState) -> bool:
        return not CONTRIBUTION_LIFE[take.contributions[self._c].status]

    def _text(self) -> str:
        take = self._conductor.state.takes[self._take]
        c = take.contributions[self._c]
        if c.version:
            return self._conductor.state.text_of(self._take, c)
        raise NotPlayed(why_not(take, c), c.status, c.message or c.why)

    def text_or(self, default: str) -> str:
        """What was played, or `default` where there is none. Does not wait."""
        return self._look(lambda c: self._conductor.state.text_of(self._take, c) if c.version else default)

    @property
    def data(self) -> Any:
        """The value of the text, where its part `returns` something, as that: an instance of the model, or
        what the JSON says. Waits, and raises `NotPlayed`, as `text`; and where the part returns nothing."""
        form = self._conductor.forms.get(self.part)
        if form is None:
            raise NotPlayed(f"{self.part} returns no data: write `returns: NAME` in its part", self.status, "")
        return form.read(self.text)

    @property
    def code(self) -> str:
        """The first fenced code block of the text. Raises `NotPlayed` where there is none."""
        blocks = self.code_blocks
        if not blocks:
            raise NotPlayed(f"what {self.part} played has no fenced code block", self.status, "no code")
        return blocks[0]

    @property
    def code_blocks(self) -> tuple[str, ...]:
        """All fenced code blocks of the text."""
        return code_blocks(self.text)

    @property
    def model(self) -> str:
        """Who played it: a model's id, `python:NAME` or `script:NAME`; empty before it enters."""

        def who(c: ContributionState) -> str:
            if c.player is None:
                return ""
            name = c.player.name
            return c.model or name if c.player.kind == "model" else f"{c.player.kind}:{name}"

        return self._look(who)

    @property
    def scripted(self) -> bool:
        """Whether a script played it."""
        return self._look(lambda c: bool(c.player and c.player.scripted))

    @property
    def usage(self) -> Usage:
        """Tokens of all its tries."""
        return self._look(lambda c: Usage(c.tokens_in, c.tokens_out, c.estimated))

    @property
    def cost(self) -> float | None:
        """USD, `None` where the price is unknown; what is reused or needs no model costs nothing."""
        return self._look(lambda c: c.cost if c.tokens_in or c.tokens_out else 0.0)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What is off-key about it, with the evidence."""
        return self._look(lambda c: tuple(Flag(f.flag, f.evidence.text) for f in c.flags))

    @property
    def started(self) -> float | None:
        """Seconds from the take's beginning to entering; `None` before."""
        return self._look(lambda c: None if c.entered is None else c.entered / 1000)

    @property
    def ended(self) -> float | None:
        """Seconds from the take's beginning to its end; `None` before."""
        return self._look(lambda c: None if c.ended is None else c.ended / 1000)

    @property
    def attempts(self) -> int:
        """How often it was tried: 1 where the first try did, 0 where it was never tried here."""
        return self._look(lambda c: c.attempts)

    @property
    def reused_from(self) -> str | None:
        """The take that this was taken over from: `take1`, or `take1 of piece.score.jsonl`."""

        def source(c: ContributionState) -> str | None:
            if c.origin is not None:
                return str(Answer(c.origin.take, c.origin.c, c.origin.recording))
            return c.of_take or None

        return self._look(source)

    @property
    def differs(self) -> str:
        """Where it was recorded for another reading (`nearest`): in what that one differs, as a word diff."""
        return self._look(lambda c: c.origin.differs if c.origin else "")

    @property
    def printed(self) -> str:
        """What the player printed while it played."""
        return self._look(lambda c: "".join(c.printed))

    @property
    def reading(self) -> Reading:
        """Exactly what the part was given as it entered. Raises `NotPlayed` before it has."""

        def given(c: ContributionState) -> Reading:
            if not c.digest:
                take = self._conductor.state.takes[self._take]
                raise NotPlayed(why_not(take, c), c.status, "it has not entered")
            return reading_of(self._conductor.state, c)

        return self._look(given)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self._look(lambda c: f"<Contribution of {c.name}: {c.status}>")

    def _repr_markdown_(self) -> str | None:
        """The text as Markdown that fetches nothing and has no mathematics in it."""
        text = self.text_or("")
        return quiet_markdown(text) if text else None


def why_not(take: TakeState, c: ContributionState) -> str:
    """Why a contribution has no text, and what to do, in one line."""
    where = f"{c.name} in {take.id}"
    match c.status:
        case "failed":
            return f"{where} failed: {c.message}"
        case "blocked":
            return f"{where} was blocked: it needs {c.why}, which failed"
        case "skipped" | "muted":
            return f"{where} was {c.status}" + (f": {c.why}" if c.why else "")
        case "cut" if c.why == "refused":
            return f"{where} was refused: %conduct plays it again"
        case "held" if not take.over:
            return f"{where} waits for you: {c.why}"
        case "cut":
            return f"{where} was cut ({c.why}): %conduct plays it again"
        case _:
            pass
    match take.status:
        case "paused":
            return f"{where} is {c.status} and the take is paused: %cue resume goes on"
        case "held":
            return f"{where} is {c.status}; the take waits for {take.waits_for}"
        case "stopped":
            return f"{where} did not play, because the take was stopped: %conduct plays it"
        case _:
            return f"{where} is {c.status}"


# What is taken for code here and is none would be fetched, so where a fence stands within a list or a
# quotation, whose end is hard to tell, nothing is; the other way round only a backslash shows.
_NESTED = re.compile(r"^(?:[ \t]+|[ \t]*(?:[-*+>]|\d+[.)]).*?)(?:`{3}|~{3})", re.MULTILINE)
_CODE = re.compile(
    r"(^ {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]* *$|\Z)"
    r"|(?<![\\`])(?P<run>`+)(?!`)(?:[^`\n]|(?!(?P=run)(?!`))`++)*?(?<!`)(?P=run)(?!`))",
    re.DOTALL | re.MULTILINE,
)


def quiet_markdown(text: str) -> str:
    """Markdown whose images are links (nothing is fetched) and whose dollars are dollars.

    >>> quiet_markdown("![a](http://x/y.png) costs $5 or `$HOME`")
    '[a](http://x/y.png) costs \\\\$5 or `$HOME`'
    """
    quiet: list[str] = []
    at = 0
    for code in [*(() if _NESTED.search(text) else _CODE.finditer(text)), None]:
        plain = text[at : code.start() if code else len(text)]
        quiet.append(plain.replace("![", "[").replace("$", "\\$").replace("<", "&lt;"))
        if code:
            quiet.append(code[0])
            at = code.end()
    return "".join(quiet)
